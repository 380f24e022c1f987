import { expect, test } from 'vitest';
import { parseFailoverBenchOptions } from './options.ts';

test('without flags it is the whole measurement', () => {
  expect(parseFailoverBenchOptions([])).toEqual({
    rounds: 5,
    connections: 2_000,
    instances: 3,
    parserStopSeconds: 300,
    seeds: 100_000,
    from: 1,
    json: false,
  });
});

test.each([
  [['--instances', '1'], '--instances must be a whole number from 2 to 10.'],
  [['--rounds', 'many'], '--rounds must be a whole number from 0 to 1000.'],
])('%j is refused in one sentence', (flags, sentence) => {
  expect(() => parseFailoverBenchOptions(flags)).toThrow(sentence);
});
