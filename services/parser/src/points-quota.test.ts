import fc from 'fast-check';
import { MillraceError } from '@millrace/contracts';
import { expect, test } from 'vitest';
import { IntakeFixture, wire } from './testing/intake-fixture.ts';

const many = (count: number, name = 'd1'): readonly string[] => Array.from({ length: count }, () => name);

test('points beyond the quota wait in the dead letters with their bytes, and the partition goes on', async () => {
  const fixture = new IntakeFixture();
  fixture.limits.set('acme', 10);
  await fixture.take(many(60));
  expect(fixture.hop).toEqual({ in: 60, out: 50, deadLettered: 10 });
  expect(fixture.letters[0]).toMatchObject({
    code: 'quota_exceeded',
    stage: 'parser.quota',
    key: 'acme/d1',
    index: 50,
  });
  expect(wire.decode(fixture.letters[0]!.value!).messages[0]!.payload).toEqual(
    wire.decode(fixture.letters[9]!.value!).messages[0]!.payload,
  );
  expect(fixture.settled).toEqual([1]);
  expect(fixture.heldOff).toEqual([['acme', 'pointsPerSecond', 10, 10]]);
});

test('points of sub-devices are taken from the quota too', async () => {
  const fixture = new IntakeFixture();
  fixture.limits.set('acme', 10);
  await fixture.take(many(60, 'gateway'));
  expect(fixture.hop).toEqual({ in: 60, out: 25, deadLettered: 35 });
});

test('a second later there is room for a second', async () => {
  const fixture = new IntakeFixture();
  fixture.limits.set('acme', 10);
  await fixture.take(many(60));
  await fixture.clock.advance(1_000);
  await fixture.take(many(60));
  expect(fixture.hop).toEqual({ in: 120, out: 60, deadLettered: 60 });
});

test('a parser that catches up refuses no more than one that kept pace', async () => {
  const fixture = new IntakeFixture();
  fixture.limits.set('acme', 10);
  await fixture.clock.advance(3_600_000);
  await fixture.takeAt(
    Array.from({ length: 100 }, (_, second) => second * 1_000),
    many(10),
  );
  expect(fixture.hop).toEqual({ in: 1_000, out: 1_000, deadLettered: 0 });
});

test('a record of the future does not stop the time of the others', async () => {
  const fixture = new IntakeFixture();
  fixture.limits.set('acme', 10);
  await fixture.takeAt([10_000_000], many(60));
  await fixture.clock.advance(1_000);
  await fixture.take(many(10));
  expect(fixture.hop).toEqual({ in: 70, out: 60, deadLettered: 10 });
});

test('what could not be written is not taken from the quota, however often it comes again', async () => {
  const fixture = new IntakeFixture();
  fixture.limits.set('acme', 10);
  fixture.failing = new MillraceError('stream_unavailable', 'Away.');
  for (let attempt = 0; attempt < 5; attempt += 1) await expect(fixture.take(many(50))).rejects.toThrow('Away.');
  fixture.failing = undefined;
  await fixture.take(many(50));
  expect(fixture.hop).toEqual({ in: 50, out: 50, deadLettered: 0 });
  expect(fixture.heldOff).toEqual([]);
});

test('messages of a deleted tenant are dropped, counted, and nobody waits for them', async () => {
  const fixture = new IntakeFixture();
  await fixture.take(['gone/gone1', 'd1', 'gone/gone2']);
  expect(fixture.parsed.map(([uid]) => uid)).toEqual(['d1']);
  expect(fixture.letters).toEqual([]);
  expect(fixture.accounting.report().hops[0]).toMatchObject({
    in: 3,
    out: 1,
    rejected: { tenant_deleted: 2 },
    inFlight: 0,
  });
});

test('whatever one tenant sends, its neighbour is parsed as if it were alone', async () => {
  const records = fc.array(fc.array(fc.constantFrom('d1', 'd2', 'other/n1', 'other/n2'), { maxLength: 40 }), {
    minLength: 1,
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.nat(3_000), records, async (limit, stepMs, all) => {
      const [together, alone] = [new IntakeFixture(), new IntakeFixture()];
      for (const fixture of [together, alone]) fixture.limits.set('acme', limit).set('other', 15);
      for (const record of all) {
        await Promise.all([together, alone].map(({ clock }) => clock.advance(stepMs)));
        await together.take(record);
        await alone.take(record.filter((name) => name.startsWith('other/')));
      }
      const ofNeighbour = (fixture: IntakeFixture): readonly unknown[] =>
        fixture.sent.filter(({ key }) => String(key).startsWith('other/')).map(({ key }) => key);
      expect(ofNeighbour(together)).toEqual(ofNeighbour(alone));
      expect(together.letters.filter(({ key }) => String(key).startsWith('other/'))).toHaveLength(alone.letters.length);
    }),
    { numRuns: 50 },
  );
});
