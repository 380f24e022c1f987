import { anyText } from '@millrace/testkit/any-text';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { oneLine, withoutControls } from './plain-text.ts';

test.each([
  ['Oven too hot', 'Oven too hot'],
  ['Oven\r\nBcc: all@mill.example', 'Oven Bcc: all@mill.example'],
  ['  tab\tand\u2028separator \u0000 ', 'tab and separator'],
  ['温度過高 🔥', '温度過高 🔥'],
])('%j on one line is %j', (text, line) => {
  expect(oneLine(text)).toBe(line);
});

test('a long line is cut at a whole character and shows that it was', () => {
  expect(oneLine('🔥🔥🔥🔥', 3)).toBe('🔥🔥…');
  expect(oneLine('🔥🔥🔥', 3)).toBe('🔥🔥🔥');
});

test('whatever the text, a line has no control character and is not too long', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 20 }), (text, charsMax) => {
      const line = oneLine(text, charsMax);
      expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      expect(Array.from(line).length).toBeLessThanOrEqual(charsMax);
    }),
  );
});

test('text keeps its lines and tabs and loses other control characters', () => {
  expect(withoutControls('a\r\nb\rc\td\u001b[31me\u0007\u0085')).toBe('a\nb\nc\td[31me');
});
