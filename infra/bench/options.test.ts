import { expect, test } from 'vitest';
import { parseBenchOptions } from './options.ts';

test('without flags it is the standard load over HTTP at 50,000 points a second', () => {
  expect(parseBenchOptions([])).toEqual({
    kind: 'http',
    pointsPerSecond: 50_000,
    warmUpSeconds: 30,
    seconds: 120,
    json: false,
    scale: false,
    profileDir: undefined,
  });
});

test('max means as fast as it is taken', () => {
  expect(parseBenchOptions(['--mqtt', '--points', 'max', '--json'])).toMatchObject({
    kind: 'mqtt',
    pointsPerSecond: 0,
    json: true,
  });
});

test.each([['--points', '-1'], ['--seconds', 'x'], ['--warm-up', '0'], ['--fast']])(
  '%s %s is refused with one sentence',
  (...flags) => {
    expect(() => parseBenchOptions(flags)).toThrow(TypeError);
  },
);
