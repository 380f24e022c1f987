import { expect, test } from 'vitest';
import { OncePerSignal } from './once-per-signal.ts';

test('work is done once for each signal, and again after it failed', async () => {
  const outcomes: (() => Promise<string>)[] = [
    () => Promise.reject(new Error('away')),
    () => Promise.resolve('first'),
    () => Promise.resolve('second'),
  ];
  const once = new OncePerSignal(() => outcomes.shift()!());
  const [one, other] = [new AbortController().signal, new AbortController().signal];
  const failing = once.of(one);
  expect(once.of(one)).toBe(failing);
  await expect(failing).rejects.toThrow('away');
  expect([await once.of(one), await once.of(one), await once.of(other)]).toEqual(['first', 'first', 'second']);
});
