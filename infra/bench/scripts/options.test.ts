import { expect, test } from 'vitest';
import { parseScriptsBenchOptions } from './options.ts';

test('without flags there are a thousand scripts and a thousand mutants', () => {
  expect(parseScriptsBenchOptions([])).toEqual({
    seconds: 10,
    scripts: 1_000,
    mutants: 1_000,
    seed: expect.any(Number),
    json: false,
  });
});

test('a run can be made again by its seed', () => {
  expect(parseScriptsBenchOptions(['--seed', '7', '--mutants', '0'])).toMatchObject({ seed: 7, mutants: 0 });
});

test.each([
  ['--seconds', '0'],
  ['--scripts', 'x'],
  ['--mutants', '-1'],
  ['--seed', '1.5'],
  ['--devices', '1'],
])('%s %s is refused with one sentence', (...flags) => {
  expect(() => parseScriptsBenchOptions(flags)).toThrow(TypeError);
});
