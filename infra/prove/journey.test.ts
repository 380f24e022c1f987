import { expect, test } from 'vitest';
import { Ledger, type LedgerEntry } from '../integrity/ledger.ts';
import { Journey } from './journey.ts';

const entry = (timeMs: number, value: number | null = 1): LedgerEntry => ({
  tenant: 't1',
  deviceUid: 'd1',
  timeMs,
  value,
});

/** All have a receipt. */
function journeyOf(...entries: LedgerEntry[]): Journey {
  const ledger = new Ledger();
  ledger.send(entries);
  ledger.acknowledge(entries);
  return new Journey(ledger);
}

const broken = (journey: Journey): string[] =>
  journey.checks().flatMap(({ code, violations }) => (violations > 0 ? [`${code} ${violations}`] : []));

test('a message that came all the way breaks nothing, and neither does one that was sent twice', () => {
  const journey = journeyOf(entry(1), entry(2, null));
  for (const one of [entry(1), entry(1), entry(2, null)]) journey.saw('raw', one);
  journey.sawPoint(entry(1));
  journey.sawPoint(entry(1));
  journey.saw('deadLetters', entry(2));
  journey.sawRow({ ...entry(1), copies: 1 });
  expect(broken(journey)).toEqual([]);
  expect([journey.count('raw'), journey.count('points'), journey.count('deadLetters')]).toEqual([2, 1, 1]);
});

test('what is missing is missing behind the last place that has it', () => {
  const journey = journeyOf(entry(1), entry(2), entry(3), entry(4, null));
  for (const one of [entry(2), entry(3), entry(4)]) journey.saw('raw', one);
  journey.sawPoint(entry(3));
  expect(broken(journey)).toEqual([
    'lost_before_stream 1',
    'lost_in_parser 1',
    'dead_letter_missing 1',
    'lost_in_historian 1',
  ]);
});

test('what was sent without a receipt may be missing, unless the stream has it', () => {
  const ledger = new Ledger();
  ledger.send([entry(1), entry(2)]);
  const journey = new Journey(ledger);
  journey.saw('raw', entry(2));
  expect(broken(journey)).toEqual(['lost_in_parser 1']);
});

test('copies, other values, what nobody sent and another order are seen', () => {
  const journey = journeyOf(entry(1), entry(2), entry(3));
  for (const one of [entry(1), entry(2), entry(3)]) journey.saw('raw', one);
  for (const one of [entry(2), entry(1), entry(3, 7)]) journey.sawPoint(one);
  for (const [time, copies] of [
    [1, 1],
    [2, 2],
    [3, 1],
    [9, 1],
  ] as const)
    journey.sawRow({ ...entry(time), copies });
  expect(broken(journey)).toEqual(['duplicate 1', 'altered 1', 'invented 1', 'out_of_order 1']);
});
