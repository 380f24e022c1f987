import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Interruption, scheduleOf } from './schedule.ts';

const processes = [['gateway-1'], ['parser-1', 'parser-2'], ['kafka'], ['redis']];
const nameOf = ({ victim }: Interruption): number => processes.findIndex((instances) => instances.includes(victim));

function first(seed: number, count: number): Interruption[] {
  const schedule = scheduleOf(seed, processes);
  return Array.from({ length: count }, () => schedule.next().value);
}

test('a seed gives the same interruptions again, another seed others', () => {
  expect(first(7, 40)).toEqual(first(7, 40));
  expect(first(7, 40)).not.toEqual(first(8, 40));
});

test('a round interrupts every process once, two rounds kill and freeze every one', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const rounds = first(seed, 2 * processes.length);
      expect(new Set(rounds.slice(0, processes.length).map(nameOf)).size).toBe(processes.length);
      const ways = rounds.map((one) => `${nameOf(one)} ${one.kind}`);
      expect(new Set(ways).size).toBe(2 * processes.length);
      for (const { kind, frozenMs } of rounds) expect(frozenMs > 0).toBe(kind === 'freeze');
    }),
  );
});

test('every instance has its turn', () => {
  expect(new Set(first(7, 80).map(({ victim }) => victim))).toEqual(new Set(processes.flat()));
});
