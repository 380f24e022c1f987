import { expect, test } from 'vitest';
import { Ledger, type LedgerEntry } from './ledger.ts';

const entry = (timeMs: number, value: number | null = 1): LedgerEntry => ({
  tenant: 't1',
  deviceUid: 'd1',
  timeMs,
  value,
});

function ledgerWith(...times: number[]): Ledger {
  const ledger = new Ledger();
  ledger.send(times.map((timeMs) => entry(timeMs)));
  return ledger;
}

test('what was acknowledged and is not stored is lost', () => {
  const ledger = ledgerWith(1, 2, 3);
  ledger.acknowledge([entry(1), entry(2)]);
  const { lost, acknowledged } = ledger.reconcile([{ ...entry(1), copies: 1 }]);
  expect(lost).toEqual([entry(2)]);
  expect(acknowledged).toBe(2);
});

test('what was sent without a receipt may be stored or not', () => {
  const ledger = ledgerWith(1, 2);
  const { lost, invented } = ledger.reconcile([{ ...entry(1), copies: 1 }]);
  expect([lost, invented]).toEqual([[], []]);
});

test('copies, other values and rows nobody sent are seen', () => {
  const ledger = ledgerWith(1, 2);
  const rows = [
    { ...entry(1), copies: 2 },
    { ...entry(2, 7), copies: 1 },
    { ...entry(9), copies: 1 },
  ];
  expect(ledger.reconcile(rows)).toMatchObject({ duplicate: [rows[0]], altered: [rows[1]], invented: [rows[2]] });
});

test('a message that its script refuses is not lost when it is not stored, and is altered when it is', () => {
  const ledger = new Ledger();
  ledger.send([entry(1, null), entry(2, null)]);
  ledger.acknowledge([entry(1, null), entry(2, null)]);
  const row = { ...entry(2, 5), copies: 1 };
  expect(ledger.reconcile([row])).toMatchObject({ lost: [], altered: [row] });
});
