import { expect, test } from 'vitest';
import { parseApiBenchOptions } from './options.ts';

test('without flags there are 100,000 devices and as many live readers as a tenant may have', () => {
  expect(parseApiBenchOptions([])).toEqual({
    devices: 100_000,
    readers: 1_000,
    slowReaders: 20,
    clients: 8,
    seconds: 8,
    liveSeconds: 30,
    json: false,
    profileDir: undefined,
  });
});

test('of few readers one is slow', () => {
  expect(parseApiBenchOptions(['--readers', '10'])).toMatchObject({ readers: 10, slowReaders: 1 });
});

test.each([
  ['--devices', '999'],
  ['--devices', '300001'],
  ['--readers', '1001'],
  ['--clients', '0'],
  ['--seconds', '0.5'],
  ['--live', 'x'],
  ['--mqtt'],
])('%s %s is refused with one sentence', (...flags) => {
  expect(() => parseApiBenchOptions(flags)).toThrow(TypeError);
});
