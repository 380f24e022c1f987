/**
 * The whole of it under interleavings that nobody thought of: three instances, one connection. In every one of them
 *
 * - no parser drops what was acknowledged, whatever was compacted and whoever was restarted;
 * - a parser drops what lies behind a fence of a higher epoch in its partition if it has read that fence itself, whether or not the
 *   fence's owner lived to confirm it;
 * - so it does, whatever it has read, when that owner's claim was confirmed before the parser began to read, if no compaction
 *   took place between a stale owner's late claim record and its repair;
 * - a parser that reads from the beginning says what one says that was never restarted.
 *
 * What is left: a parser that begins behind a fence whose owner crashed before it was confirmed keeps what that owner's predecessor
 * writes late. It was never acknowledged, so it may be there twice, and nothing is lost.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partitions } from '../testing/owner-instance.ts';
import { holder, OwnershipWorld, type ParserLife } from '../testing/ownership-world.ts';

const instances = 3;

/** How often the branches were taken that the promises are about. */
const seen = { acknowledged: 0, stale: 0, restartsBehindFence: 0, compactionsBeforeRepair: 0 };

type Step = (world: OwnershipWorld, isCompactionLate: boolean) => void | Promise<void>;

const anyInstance = fc.nat(instances - 1);
/** Mostly the one that holds the lease, or held it last. */
const mostlyHolder = fc.oneof({ weight: 2, arbitrary: fc.constant(holder) }, { weight: 1, arbitrary: anyInstance });
const anyPartition = fc.nat(partitions - 1);

function step<A>(
  name: string,
  weight: number,
  argument: fc.Arbitrary<A>,
  act: (world: OwnershipWorld, a: A, isLate: boolean) => void | Promise<void>,
) {
  const stepOf = (a: A): Step =>
    Object.assign((world: OwnershipWorld, isLate: boolean) => act(world, a, isLate), {
      [fc.toStringMethod]: () => `${name}(${a === undefined ? '' : String(a)})`,
    });
  return { weight, arbitrary: argument.map(stepOf) };
}

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  step('course', 20, fc.tuple(mostlyHolder, fc.integer({ min: 1, max: 4 })), async (world, [index, rounds]) => {
    for (let round = 0; round < rounds; round += 1) await world.ordinaryCourse(index);
  }),
  // A takeover while the owner has messages on their way; it may end anywhere.
  step('takeover', 4, fc.tuple(anyInstance, anyPartition, fc.nat(4)), async (world, [index, partition, rounds]) => {
    world.message(holder, partition);
    world.expire();
    world.grant(index);
    await world.settle();
    for (let round = 0; round < rounds; round += 1) await world.ordinaryCourse(index);
  }),
  step('land', 3, fc.tuple(anyInstance, fc.constantFrom('claims' as const, 'raw' as const)), (world, [index, what]) =>
    world.land(index, what),
  ),
  step('answer', 3, anyInstance, (world, index) => world.answer(index)),
  step('grant', 6, anyInstance, (world, index) => world.grant(index)),
  step('expire', 2, fc.constant(undefined), (world) => world.expire()),
  step('notice', 1, anyInstance, (world, index) => world.notice(index)),
  step('release', 1, anyInstance, (world, index) => world.release(index)),
  step('crash', 2, mostlyHolder, (world, index) => world.crash(index)),
  step('ghost', 2, fc.constant(undefined), (world) => world.ghost()),
  step('message', 12, fc.tuple(mostlyHolder, anyPartition), (world, [index, partition]) =>
    world.message(index, partition),
  ),
  step('readClaims', 4, fc.tuple(anyInstance, fc.nat(3)), (world, [index, records]) =>
    world.readClaims(index, records),
  ),
  step('compact', 2, fc.constant(undefined), (world, _, isLate) => {
    if (!world.lastRecordSaysAll) seen.compactionsBeforeRepair += 1;
    if (!isLate || world.lastRecordSaysAll) world.compact();
  }),
  step('parse', 12, fc.tuple(anyPartition, fc.boolean()), (world, [partition, commits]) =>
    world.parse(partition, commits),
  ),
  step('restartParser', 2, fc.constant(undefined), (world) => world.restartParser()),
  step('parserReadsClaims', 2, fc.constant(undefined), (world) => world.parserReadsClaims()),
);

/** The fences of higher epochs that lie before the record. */
function fencesBefore({ raw }: OwnershipWorld, partition: number, offset: number) {
  const { epoch } = raw[partition]![offset]!;
  return raw[partition]!.slice(0, offset)
    .map((record, place) => ({ ...record, place }))
    .filter((record) => record.id === undefined && record.epoch > epoch);
}

function check(world: OwnershipWorld, life: ParserLife, isCompactionLate: boolean): void {
  for (const { partition, offset, standing } of life.said) {
    const { id } = world.raw[partition]![offset]!;
    if (id === undefined) continue;
    const before = fencesBefore(world, partition, offset);
    if (standing === 'stale') seen.stale += 1;
    if (world.acknowledged.has(id)) expect(standing).toBe('current');
    if (before.length === 0) expect(standing).toBe('current');
    if (before.some(({ place }) => place >= life.from[partition]!)) expect(standing).toBe('stale');
    else if (before.some(({ epoch }) => life.confirmed.has(epoch))) {
      seen.restartsBehindFence += 1;
      if (isCompactionLate) expect(standing).toBe('stale');
    }
  }
}

test('under any interleaving nothing acknowledged is dropped, and nothing stale is kept behind a fence that is known', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyStep, { minLength: 100, maxLength: 200, size: 'max' }),
      fc.boolean(),
      async (steps, isLate) => {
        const world = new OwnershipWorld();
        await world.begin(instances);
        for (const act of steps) {
          await act(world, isLate);
          await world.settle();
        }
        const replayed = await world.replay();
        for (const life of world.lives) check(world, life, isLate);
        for (const { partition, offset, standing } of replayed.said)
          expect(standing).toBe(
            fencesBefore(world, partition, offset).length > 0 && isMessage(world, partition, offset)
              ? 'stale'
              : 'current',
          );
        seen.acknowledged += world.acknowledged.size;
      },
    ),
    { numRuns: 250 },
  );
  for (const [branch, times] of Object.entries(seen)) expect([branch, times > 0]).toEqual([branch, true]);
});

function isMessage({ raw }: OwnershipWorld, partition: number, offset: number): boolean {
  return raw[partition]![offset]!.id !== undefined;
}
