/** Attacks in Lua: on time and memory of its interpreter, and on its walls. */
import { attack, attackByte, type Attack, type Corpus, refusedOrStopped, spoiling, stopped } from './attack.ts';
import { body } from './lua-body.ts';
import { luaResults } from './lua-results.ts';

const time: readonly Attack[] = [
  attack('an endless loop', 'timeout', body('while true do end')),
  attack('a loop by goto', 'timeout', body('::again:: goto again')),
  attack('a loop that catches its end', 'timeout', body('while true do pcall(function() while true do end end) end')),
  attack(
    'a loop in the handler of an error',
    'timeout',
    body('xpcall(function() error("x") end, function() while true do end end)'),
  ),
  attack(
    'a loop in the text of an error',
    refusedOrStopped,
    body('error(setmetatable({}, { __tostring = function() while true do end end }))'),
  ),
  attack(
    'a loop in a finalizer',
    ['returned', ...stopped],
    body(`
      setmetatable({}, { __gc = function() while true do end end })
      for i = 1, 1e5 do local garbage = { i } end
      collectgarbage()
      return { data = {} }`),
  ),
  attack(
    'a loop in the closing of a variable',
    'timeout',
    body('local guard <close> = setmetatable({}, { __close = function() while true do end end }) error("x")'),
  ),
  attack('a loop in a comparator', 'timeout', body('table.sort({ 3, 2, 1 }, function() while true do end end)')),
  attack(
    'a loop in an index',
    'timeout',
    body('return setmetatable({}, { __index = function() while true do end end }).x'),
  ),
  attack('a pattern that backtracks', stopped, body('return string.find(string.rep("a", 20000), ".-.-.-.-b")')),
  attack(
    'a pattern of many maybes',
    [...refusedOrStopped, 'result'],
    body('return string.find(string.rep("a", 40), string.rep("a?", 40) .. string.rep("a", 40) .. "b")'),
  ),
  attack(
    'coroutines that start each other',
    refusedOrStopped,
    body('local function f() return coroutine.wrap(f)() end return f()'),
  ),
  attack(
    'coroutines for ever',
    refusedOrStopped,
    body('local all = {} while true do all[#all + 1] = coroutine.create(attack) end'),
  ),
  attack(
    'a sort with a lying comparator',
    'threw',
    body('local t = {} for i = 1, 1e4 do t[i] = i % 7 end table.sort(t, function() return true end)'),
  ),
  attack('deep recursion', refusedOrStopped, body('return 1 + attack(input)')),
  attack(
    'recursion through the host of the interpreter',
    'threw',
    'function f() return (string.gsub("a", "a", f)) end function attack() return f() end',
  ),
  attack(
    'a million parentheses',
    ['threw', 'result'],
    body('return assert(load("return " .. string.rep("(", 1e6)))()'),
  ),
  attack(
    'a constant with endless nesting',
    ['threw', 'result'],
    body('return assert(load("return " .. string.rep("{", 1e6)))()'),
  ),
  spoiling('a loop while it loads', 'timeout', 'while true do end'),
  spoiling('parentheses in its source', 'invalid', `x = ${'('.repeat(1000)}1${')'.repeat(1000)}`),
];

const memory: readonly Attack[] = [
  attack('a table that grows', refusedOrStopped, body('local t = {} while true do t[#t + 1] = { 1, 2, 3 } end')),
  attack('text that doubles', refusedOrStopped, body('local s = "xx" while true do s = s .. s end')),
  attack('a text of 1 GiB', refusedOrStopped, body('return #string.rep("x", 1 << 30)')),
  attack(
    'a text with giant separators',
    refusedOrStopped,
    body('return #string.rep("x", 1 << 20, string.rep("y", 1 << 20))'),
  ),
  attack(
    'memory that is caught',
    refusedOrStopped,
    body('local t = {} while true do pcall(function() while true do t[#t + 1] = string.rep("x", 1e6) end end) end'),
  ),
  attack(
    'no collection of garbage',
    ['returned', ...refusedOrStopped],
    body('collectgarbage("stop") for i = 1, 1e7 do local garbage = { i } end return { data = {} }'),
  ),
  attack(
    'a replacement that multiplies',
    refusedOrStopped,
    body('return #string.gsub(string.rep("a", 1e6), "a", string.rep("%0", 1000))'),
  ),
  attack('a width of a format', 'threw', body('return string.format("%99999d", 1)')),
  attack('results without number', refusedOrStopped, body('return select("#", table.unpack({}, 1, 1e8))')),
  attack(
    'joined texts',
    refusedOrStopped,
    body('local t = {} for i = 1, 1e4 do t[i] = string.rep("x", 1e4) end return #table.concat(t)'),
  ),
];

const walls: readonly Attack[] = [
  attack('input and output', 'threw', body('local f = io.open(input.variables.file, "w") f:write("taken") f:close()')),
  attack(
    'the operating system',
    'threw',
    body('return { data = { secret = os.getenv("MILLRACE_CANARY"), done = os.execute("id") } }'),
  ),
  attack(
    'other files',
    'threw',
    body('return { data = { secret = loadfile(input.variables.file) or dofile(input.variables.file) } }'),
  ),
  attack('the debugger', 'threw', body('return { data = { secret = debug.getregistry() } }')),
  attack('packages', 'threw', body('return package.loadlib("libc.so.6", "*")')),
  attack('a required module', 'threw', body('return require("socket").connect("127.0.0.1", input.variables.port)')),
  attack(
    'a window to JavaScript',
    'threw',
    body('return { data = { secret = js.global.process.env.MILLRACE_CANARY } }'),
  ),
  attack(
    'compiled code',
    ['threw', 'result'],
    body('return assert(load(string.dump(function() return 1 end), "x", "b"))()'),
  ),
  attack(
    'compiled code that is none',
    ['threw', 'result'],
    body('return assert(load("\\27Lua" .. string.rep("\\255", 1000)))()'),
  ),
  attack(
    'the names of all globals',
    'returned',
    body(`
      local found = {}
      for _, name in ipairs({ 'io', 'os', 'debug', 'package', 'require', 'dofile', 'loadfile', 'js', 'newproxy' }) do
        if _G[name] ~= nil then found[#found + 1] = name end
      end
      return { data = { host = table.concat(found, ' ') } }`),
  ),
  attack('the secret of its neighbour', 'returned', body('return { data = { secret = tostring(canary) } }')),
  attack(
    'addresses of functions',
    ['returned', 'threw'],
    body('return { data = { at = tostring(print) .. string.format("%p", {}) } }'),
  ),
  attack(
    'another environment',
    ['returned', 'threw'],
    body(
      'local _ENV = setmetatable({}, { __index = function(_, name) return name end }) return { data = { secret = os } }',
    ),
  ),
];

export const lua: Corpus = {
  language: 'lua',
  attacks: [...time, ...memory, ...walls, ...luaResults],
  scriptOf: (source) => `${source}
function decodeUplink(input)
  if input.bytes[1] == ${attackByte} then return attack(input) end
  return { data = { value = input.bytes[1] } }
end`,
  neighbour: `canary = 'a secret of the neighbour'
function decodeUplink(input)
  local intact = canary == 'a secret of the neighbour' and ('x'):rep(3) == 'xxx' and string.rep('y', 2) == 'yy' and polluted == nil
  return { data = { value = input.bytes[1], intact = intact } }
end`,
};
