import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frameBodyOf, UnreadableFrame } from './frame-text.ts';

const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 });

test('hex in any of its usual spellings is those bytes', () => {
  fc.assert(
    fc.property(bytes, fc.constantFrom('', ' ', ':', '-', ', 0x'), fc.boolean(), (frame, between, upper) => {
      const text = [...frame].map((byte) => byte.toString(16).padStart(2, '0')).join(between);
      const { payload } = frameBodyOf(upper ? text.toUpperCase() : text, 'hex', '');
      expect(payload).toBe(Buffer.from(frame).toString('base64'));
    }),
  );
});

test('base64 of either alphabet, padded or not, is those bytes', () => {
  fc.assert(
    fc.property(bytes, fc.constantFrom('base64', 'base64url'), (frame, alphabet) => {
      const { payload } = frameBodyOf(` ${Buffer.from(frame).toString(alphabet)}\n`, 'base64', '');
      expect(payload).toBe(Buffer.from(frame).toString('base64'));
    }),
  );
});

test('attributes are words with an equals sign', () => {
  expect(frameBodyOf('{"t":1}', 'json', ' fPort=2  fCnt=17 ')).toEqual({
    json: { t: 1 },
    attributes: { fPort: '2', fCnt: '17' },
  });
});

test.each([
  ['', 'hex', '', 'Type or paste'],
  ['0xCZ', 'hex', '', '“Z” is not a hex digit'],
  ['abc', 'hex', '', 'one is missing'],
  ['a', 'base64', '', 'not base64'],
  ['{', 'json', '', 'not JSON'],
  ['00', 'hex', 'fPort', 'look like fPort=2'],
] as const)('%j as %s with attributes %j is refused with what is wrong', (text, format, attributes, detail) => {
  expect(() => frameBodyOf(text, format, attributes)).toThrow(UnreadableFrame);
  expect(() => frameBodyOf(text, format, attributes)).toThrow(detail);
});
