import { testLanguage } from './language.suite.ts';

const decoder = (body: string): string => `function decodeUplink(input) { const { bytes } = input; ${body} }`;

testLanguage({
  language: 'javascript',
  echo: decoder(
    `const { fPort: port, recvTime, variables } = input;
    const sum = bytes.reduce((sum, byte) => sum + byte, 0);
    return { data: { sum, port, seconds: recvTime.getTime() / 1000, name: variables.name, wanted: variables.desired.mode } };`,
  ),
  throws: decoder('\n\nif (bytes[0] === 1) throw new Error("bad frame"); return { data: { first: bytes[0] } };'),
  wrongSyntax: 'let a;\nlet b = ;',
  throwsAtTop: '\nnull.x;',
  loops: decoder('while (bytes[0] === 1); return { data: { first: bytes[0] } };'),
  loopsAtTop: 'for (;;);',
  hoards: decoder(
    'const all = []; while (bytes[0] === 1) all.push({ x: [1, 2] }); return { data: { first: bytes[0] } };',
  ),
  recurses: 'const decodeUplink = (input) => 1 + decodeUplink(input);',
  values: decoder(
    'return { data: { nan: NaN, infinite: -Infinity, big: 2n ** 60n, text: "é€😀", list: [1, 2, 3], nested: { a: { b: true } } } };',
  ),
  prints: decoder('console.log("first", bytes[0]); return { data: {} };'),
  returnsFunction: decoder('return () => 1;'),
  empty: 'var a;',
  mean: `function evaluate({ inputs: { t } }) { return t.reduce((sum, { value }) => sum + value, 0) / t.length; }`,
  remembers: 'var last = 0; function decodeUplink() { const seen = last; last += 1; return { data: { seen } }; }',
});
