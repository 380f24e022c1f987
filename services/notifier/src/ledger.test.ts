import { ManualClock } from '@millrace/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deliveryName } from './delivery.ts';
import { eventMsMax, Ledger } from './ledger.ts';
import { attemptOf } from './testing/events.ts';

const eventId = attemptOf().eventId.toString('hex');
const name = deliveryName(attemptOf());

function ledgerWith(...attempts: readonly ReturnType<typeof attemptOf>[]): Ledger {
  const ledger = new Ledger(new ManualClock());
  for (const attempt of attempts) ledger.apply(attempt);
  return ledger;
}

const attempt = fc
  .record({
    attempt: fc.integer({ min: 1, max: 3 }),
    outcome: fc.constantFrom('started', 'failed', 'delivered', 'abandoned'),
  })
  .map((overrides) => attemptOf(overrides));

test('what is known does not depend on the order of the records, nor on repeats', () => {
  fc.assert(
    fc.property(fc.array(attempt, { minLength: 1 }), fc.infiniteStream(fc.nat()), (attempts, order) => {
      const shuffled = [...attempts, ...attempts]
        .map((each) => ({ each, place: order.next().value }))
        .toSorted((a, b) => a.place - b.place)
        .map(({ each }) => each);
      expect(ledgerWith(...shuffled).entryOf(eventId, name)).toEqual(ledgerWith(...attempts).entryOf(eventId, name));
    }),
  );
});

test('a delivery that ended stays ended, whatever is told later', () => {
  fc.assert(
    fc.property(fc.array(attempt), fc.array(attempt), (before, after) => {
      const ledger = ledgerWith(...before, attemptOf({ outcome: 'delivered' }), ...after);
      expect(ledger.entryOf(eventId, name)?.outcome).toBe('delivered');
    }),
  );
});

test('recipients and channels of an event are told apart', () => {
  const ledger = ledgerWith(attemptOf({ outcome: 'delivered' }));
  expect(ledger.entryOf(eventId, deliveryName({ channelId: 'mail', recipient: 'b@mill.example' }))).toBeUndefined();
  expect(ledger.entryOf(eventId, deliveryName({ channelId: 'sms', recipient: 'a@mill.example' }))).toBeUndefined();
  expect(ledger.entryOf('00', name)).toBeUndefined();
});

test('deliveries without an end are counted', () => {
  const ledger = ledgerWith(
    attemptOf(),
    attemptOf({ recipient: 'b@mill.example' }),
    attemptOf({ recipient: 'b@mill.example', outcome: 'failed' }),
  );
  expect(ledger.unfinished).toBe(1);
});

test('what is too old to be told is not kept', async () => {
  const clock = new ManualClock(1);
  const ledger = new Ledger(clock);
  ledger.apply(attemptOf({ outcome: 'delivered', timeMicros: 1_000 }));
  await clock.advance(eventMsMax + 1);
  ledger.apply(attemptOf({ eventId: Buffer.alloc(16, 1), timeMicros: 1_000 }));
  expect(ledger.unfinished).toBe(0);
  ledger.apply(attemptOf({ eventId: Buffer.alloc(16, 2), timeMicros: clock.nowMs() * 1_000 }));
  expect(ledger.unfinished).toBe(1);
  expect(ledger.entryOf(eventId, name)).toBeUndefined();
});
