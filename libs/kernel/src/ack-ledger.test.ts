import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AckLedger } from './ack-ledger.ts';

test('nothing is committable before the first record is settled', () => {
  const ledger = new AckLedger();
  ledger.take(7n);
  expect(ledger.committable).toBeUndefined();
});

test('a record settled out of turn waits for those before it', () => {
  const ledger = new AckLedger();
  for (const offset of [5n, 6n, 9n]) ledger.take(offset);
  ledger.settle(9n);
  expect(ledger.committable).toBeUndefined();
  ledger.settle(5n);
  expect(ledger.committable).toBe(6n);
  ledger.settle(6n);
  expect(ledger.committable).toBe(10n);
});

test('a record has one end: settling it twice or untaken is an error', () => {
  const ledger = new AckLedger();
  for (const offset of [1n, 2n, 3n]) ledger.take(offset);
  ledger.settle(1n);
  ledger.settle(3n);
  for (const wrong of [0n, 1n, 3n, 4n]) expect(() => ledger.settle(wrong)).toThrow('settled');
});

test('offsets only increase', () => {
  const ledger = new AckLedger();
  ledger.take(4n);
  ledger.settle(4n);
  for (const wrong of [3n, 4n]) expect(() => ledger.take(wrong)).toThrow('after 4');
});

const partition = fc
  .array(fc.record({ gap: fc.integer({ min: 1, max: 5 }), settleFirst: fc.boolean(), pick: fc.nat() }), {
    maxLength: 3_000,
    size: '+1',
  })
  .map((steps) => {
    let offset = 0n;
    return steps.map(({ gap, ...rest }) => ({ ...rest, offset: (offset += BigInt(gap)) }));
  });

test('it agrees with a naive list for any gaps and any order', () => {
  fc.assert(
    fc.property(partition, (records) => {
      const ledger = new AckLedger();
      const taken: bigint[] = [];
      const open: bigint[] = [];
      for (const { offset, settleFirst, pick } of records) {
        if (settleFirst && open.length > 0) ledger.settle(open.splice(pick % open.length, 1)[0]!);
        ledger.take(offset);
        taken.push(offset);
        open.push(offset);
        expect(ledger.outstanding).toBe(open.length);
        expect(ledger.committable).toBe(naiveCommittable(taken, open));
      }
    }),
    { numRuns: 50 },
  );
});

test('it forgets what was settled long ago and goes on', () => {
  const ledger = new AckLedger();
  for (let offset = 0n; offset < 10_000n; offset += 1n) {
    ledger.take(offset);
    if (offset >= 10n) ledger.settle(offset - 10n);
  }
  expect(ledger.committable).toBe(9_990n);
  expect(ledger.outstanding).toBe(10);
  expect(() => ledger.settle(5n)).toThrow('settled twice');
});

function naiveCommittable(taken: readonly bigint[], open: readonly bigint[]): bigint | undefined {
  const firstOpen = taken.findIndex((offset) => open.includes(offset));
  const lastSettled = taken[(firstOpen < 0 ? taken.length : firstOpen) - 1];
  return lastSettled === undefined ? undefined : lastSettled + 1n;
}
