/** The real machine through everything that can go wrong, at a model of Redis; `infra/bench/failover` has many more seeds. */
import { expect, test } from 'vitest';
import { mistakes } from './testing/simulation/mistakes.ts';
import { simulate } from './testing/simulation/simulation.ts';
import { dangerousBranches } from './testing/simulation/tally.ts';

/** A busy machine may need many times the seven seconds of a quiet one. */
const msMax = 90_000;
const seedsMax = 2_000;

test(
  'whatever happens, no key has two valid owners, and in a calm each has one, evenly',
  () => {
    const taken = new Set<string>();
    const violations: string[] = [];
    for (let seed = 0; seed < seedsMax; seed += 1) {
      const { violation, branches } = simulate(seed);
      if (violation !== undefined) violations.push(`seed ${seed}: ${violation}`);
      for (const branch of branches.keys()) taken.add(branch);
    }
    expect(violations).toEqual([]);
    expect(dangerousBranches.filter((branch) => !taken.has(branch))).toEqual([]);
  },
  msMax,
);

test('a seed does what it did before', () => {
  expect(simulate(7)).toEqual(simulate(7));
});

test.each(mistakes)(
  'a mistake is found: $name',
  (mistake) => {
    let seed = 0;
    while (seed < seedsMax && simulate(seed, mistake).violation === undefined) seed += 1;
    expect(seed).toBeLessThan(seedsMax);
  },
  msMax,
);
