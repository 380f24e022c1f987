import { testLanguage } from './language.suite.ts';

const decoder = (body: string): string => `function decodeUplink(input) local bytes = input.bytes ${body} end`;
const first = 'return { data = { first = bytes[1] } }';

testLanguage({
  language: 'lua',
  echo: decoder(
    `local sum = 0
    for _, byte in ipairs(bytes) do sum = sum + byte end
    local variables = input.variables
    return { data = { sum = sum, port = input.fPort, seconds = input.recvTime,
      name = variables.name, wanted = variables.desired.mode } }`,
  ),
  throws: decoder(`\n\nif bytes[1] == 1 then error("bad frame") end ${first}`),
  wrongSyntax: 'local a\nlocal b = = 1',
  throwsAtTop: '\nerror("at the top")',
  loops: decoder(`while bytes[1] == 1 do end ${first}`),
  loopsAtTop: 'while true do end',
  hoards: decoder(`local all = {} while bytes[1] == 1 do all[#all + 1] = string.rep("x", 65536) .. #all end ${first}`),
  recurses: 'function decodeUplink(input) return 1 + decodeUplink(input) end',
  values: decoder(
    `return { data = { nan = 0/0, infinite = -1/0, big = 1 << 60, text = "é€😀", list = { 1, 2, 3 },
      nested = { a = { b = true } } } }`,
  ),
  prints: decoder('print("first", bytes[1]) return { data = {} }'),
  returnsFunction: decoder('return function() end'),
  empty: 'local a = 1',
  mean: `function evaluate(input)
    local sum = 0
    for _, point in ipairs(input.inputs.t) do sum = sum + point.value end
    return sum / #input.inputs.t
  end`,
  remembers: 'last = 0 function decodeUplink() local seen = last last = last + 1 return { data = { seen = seen } } end',
});
