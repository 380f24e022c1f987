import { expect, test } from 'vitest';
import { decodeJsonPayload } from './json-payload.ts';

const decode = (text: string): object => decodeJsonPayload(Buffer.from(text));
const row = (name: string, value: unknown, timeMicros: number | null = null) => ({ name, value, timeMicros });

test.each<[string, string, readonly object[]]>([
  ['an object', '{"t": 21.5, "s": {"on": true}}', [row('t', 21.5), row('s.on', true)]],
  ['a data row list', '[{"time": 1700000000, "values": {"t": 1}}]', [row('t', 1, 1.7e15)]],
  ['a 64-bit integer', '{"id": 12345678901234567890, "t": 1}', [row('id', '12345678901234567890'), row('t', 1)]],
  ['2^53 - 1', '{"id": 9007199254740991}', [row('id', 9007199254740991)]],
  ['a long fraction', '{"t": 1.12345678901234567}', [row('t', 1.1234567890123457)]],
  ['text with many digits', '{"id": "12345678901234567890"}', [row('id', '12345678901234567890')]],
  ['an empty object', '{}', []],
])('%s is read', (_name, text, rows) => {
  expect(decode(text)).toMatchObject({ rows });
});

test.each(['', 'x', '1', 'null', '"x"', '{"a": NaN}', '[1]', '{"": 1}', '{"a"'])('%s is a malformed body', (text) => {
  expect(decode(text)).toMatchObject({ code: 'malformed_body' });
});
