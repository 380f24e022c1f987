import { expect, test } from 'vitest';
import { BoundedCache } from './bounded-cache.ts';

test('a value is made once for each name', () => {
  let made = 0;
  const cache = new BoundedCache(10, (name) => `${name}${(made += 1)}`);
  expect([cache.get('a'), cache.get('b'), cache.get('a')]).toEqual(['a1', 'b2', 'a1']);
});

test('never holds more than its limit and still answers rightly', () => {
  const cache = new BoundedCache(3, (name) => name.toUpperCase());
  for (let index = 0; index < 100; index += 1) {
    expect(cache.get(`name-${index}`)).toBe(`NAME-${index}`);
    expect(cache.size).toBeLessThanOrEqual(3);
  }
});
