/** What of a load is stored in the end: waits for the last point, then counts what is missing and what is there twice. */
import { setTimeout as sleep } from 'node:timers/promises';
import { queryNumber } from './questdb-query.ts';

export const table = 'points_30d';

/** What was accepted must be stored within this time after the load ends, or it counts as lost. */
const drainMsMax = 120_000;
const askAgainMs = 200;

export interface Drained {
  readonly pointsStored: number;
  readonly pointsLost: number;
  readonly pointsDuplicate: number;
  /** Points that were not stored yet when the wait began, and how long it took. */
  readonly lagPoints: number;
  readonly seconds: number;
}

/** Waits until as many rows are stored as points were sent. */
export async function drained(questdb: string, sent: number, signal: AbortSignal): Promise<Drained> {
  const startedMs = performance.now();
  const count = (): Promise<number> => queryNumber(questdb, `SELECT count() FROM ${table}`);
  let stored = await count();
  const lagPoints = Math.max(0, sent - stored);
  while (stored < sent && performance.now() - startedMs < drainMsMax) {
    await sleep(askAgainMs, undefined, { signal });
    stored = await count();
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  const distinct = await queryNumber(
    questdb,
    `SELECT count() FROM (SELECT ts, tenant, device, signal FROM ${table} GROUP BY ts, tenant, device, signal)`,
  );
  return {
    pointsStored: stored,
    pointsLost: Math.max(0, sent - distinct),
    pointsDuplicate: stored - distinct,
    lagPoints,
    seconds,
  };
}
