import { unexplainedMessages } from '@millrace/observe';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Fault, ParkingWorld } from './testing/parking-world.ts';

const rawRecords = fc.array(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 12,
});
const slow = fc.array(
  fc.nat(3).map((number) => number === 0),
  { maxLength: 30 },
);
const lane = fc.constantFrom('fresh' as const, 'parked' as const);

type Step = (world: ParkingWorld) => void | Promise<void>;

const work: fc.Arbitrary<Step> = fc.tuple(lane, fc.integer({ min: 1, max: 4 })).map(
  ([which, records]) =>
    (world) =>
      world.work(which, records),
);
const calmSteps: fc.Arbitrary<Step>[] = [
  work,
  fc.constant((world) => world.release()),
  fc.constant((world) => world.clock.advance(10_000)),
  fc.boolean().map((short) => (world) => void (world.isShort = short)),
];
const wildSteps: fc.Arbitrary<Step>[] = [
  fc.tuple(lane, fc.constantFrom('killed' as const, 'frozen' as const)).map(
    ([which, how]) =>
      (world) =>
        world.replace(which, how),
  ),
  fc.integer({ min: 1, max: 4 }).map((records) => (world) => world.haunt(records)),
];

/** Whatever has happened: from now on all is well. */
async function finish(world: ParkingWorld): Promise<void> {
  world.luck.slow.length = 0;
  world.luck.faults.length = 0;
  world.isShort = false;
  for (let turn = 0; turn < 100 && !world.isDone; turn += 1) {
    await world.clock.advance(10_000);
    await world.work('fresh', 100);
    await world.work('parked', 100);
    await world.release();
  }
  expect(world.isDone).toBe(true);
}

/** Places by device, in order. */
function sentIn(records: readonly (readonly string[])[]): ReadonlyMap<string, string[]> {
  const sent = new Map<string, string[]>();
  for (const [offset, uids] of records.entries())
    for (const [index, uid] of uids.entries()) sent.set(uid, [...(sent.get(uid) ?? []), `${offset}/${index}`]);
  return sent;
}

const sorted = (places: ReadonlyMap<string, readonly string[]>) =>
  [...places].map(([uid, all]) => [uid, all] as const).toSorted(([a], [b]) => (a < b ? -1 : 1));

test('each message becomes points once and in the order of its device, whichever devices are parked when', async () => {
  await fc.assert(
    fc.asyncProperty(
      rawRecords,
      slow,
      fc.array(fc.oneof(...calmSteps), { maxLength: 40 }),
      async (records, luck, steps) => {
        const world = new ParkingWorld(records, { slow: [...luck], faults: [] });
        for (const step of steps) await step(world);
        await finish(world);
        expect(sorted(world.points)).toEqual(sorted(sentIn(records)));
        const [parse, parkedParse] = world.hops;
        expect([parse!.in, parse!.parked]).toEqual([records.flat().length, parkedParse?.in ?? 0]);
        expect(world.hops.map(unexplainedMessages)).toEqual([0, 0]);
        expect(world.hops.map(({ inFlight }) => inFlight)).toEqual([0, 0]);
      },
    ),
    { numRuns: 300 },
  );
});

test('whoever dies or freezes, and whatever answer is lost: nothing is lost, and first appearances are in order', async () => {
  const faults = fc.array(fc.constantFrom<Fault | undefined>(undefined, undefined, 'refused', 'unanswered', 'frozen'), {
    maxLength: 30,
  });
  const steps = fc.array(fc.oneof(...calmSteps, work, work, ...wildSteps), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(rawRecords, slow, faults, steps, async (records, luck, wrong, all) => {
      const world = new ParkingWorld(records, { slow: [...luck], faults: [...wrong] });
      for (const step of all) await step(world);
      await finish(world);
      await world.haunt(100);
      await finish(world);
      const first = new Map([...world.points].map(([uid, places]) => [uid, [...new Set(places)]]));
      expect(sorted(first)).toEqual(sorted(sentIn(records)));
    }),
    { numRuns: 500 },
  );
});
