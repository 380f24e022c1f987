import { expect, test } from 'vitest';
import { ScriptBook } from './script-book.ts';

const config = { tenant: 'acme', scriptId: 'mean', version: 2, language: 'javascript', source: 'a' };

test('a script that is published again unchanged is the same script, and keeps its isolate', () => {
  const book = new ScriptBook();
  const script = book.scriptOf(config);
  expect(script).toEqual({ name: 'acme/mean@2', tenant: 'acme', language: 'javascript', source: 'a' });
  expect(book.scriptOf({ ...config })).toBe(script);
});

test.each([{ tenant: 'other' }, { scriptId: 'max' }, { version: 3 }, { language: 'lua' }, { source: 'b' }])(
  'a script that differs in %o is another one',
  (rest) => {
    const book = new ScriptBook();
    const script = book.scriptOf(config);
    expect(book.scriptOf({ ...config, ...rest })).not.toBe(script);
  },
);
