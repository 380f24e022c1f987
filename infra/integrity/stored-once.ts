/** The claim of most integrity tests, and, when it does not hold, where the messages are. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Ledger, LedgerEntry, Reconciliation } from './ledger.ts';
import type { PlantStack } from './plant-stack.ts';

const lookAgainMs = 250;

/** Waits until every acknowledged message is stored; then none may be stored twice or altered. */
export async function storedOnce(plant: PlantStack, ledger: Ledger, msMax: number): Promise<Reconciliation> {
  const until = performance.now() + msMax;
  for (;;) {
    const result = ledger.reconcile(await plant.storedRows());
    const { lost, duplicate, altered } = result;
    if (lost.length === 0) {
      expect({ duplicate, altered }).toEqual({ duplicate: [], altered: [] });
      return result;
    }
    if (performance.now() > until) throw new Error(await lossReport(plant, result));
    await sleep(lookAgainMs);
  }
}

async function lossReport(plant: PlantStack, { lost, acknowledged, stored }: Reconciliation): Promise<string> {
  const times = lost.map(({ timeMs }) => timeMs);
  const services = ['gateway', 'client-manager', 'parser', 'historian'];
  const accounts = services.map(async (name) => [name, await plant.accounting(`${name}-1`)] as const);
  return [
    `${lost.length} of ${acknowledged} acknowledged messages are not among the ${stored} rows.`,
    `The oldest was sent at ${timeText(Math.min(...times))}, the newest at ${timeText(Math.max(...times))}.`,
    `The first: ${lost.slice(0, 3).map(entryText).join(', ')}.`,
    `Tables in QuestDB: ${JSON.stringify(await plant.query('wal_tables()'))}`,
    `Accounting: ${JSON.stringify(Object.fromEntries(await Promise.all(accounts)))}`,
    `Processes: ${JSON.stringify(plant.stack.processes)}`,
  ].join('\n');
}

const entryText = ({ tenant, deviceUid, timeMs, value }: LedgerEntry): string =>
  `${tenant} ${deviceUid} ${timeText(timeMs)} ${value}`;

const timeText = (timeMs: number): string => new Date(timeMs).toISOString();
