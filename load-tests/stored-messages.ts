/** Asks QuestDB which of the run's messages are stored, and how often. */
import http from 'k6/http';
import { sleep } from 'k6';
import { deviceOf, numberSignal, signals } from './messages.ts';
import type { Settings } from './settings.ts';

type Store = Pick<
  Settings,
  'questdbUrl' | 'questdbAuthorization' | 'table' | 'tenant' | 'devices' | 'quietSeconds' | 'messagesPerRequest'
>;

export interface Stored {
  readonly lost: number;
  readonly duplicate: number;
}

interface Counts {
  /** Rows of the signal that holds the number. */
  readonly rows: number;
  readonly numbers: number;
  /** Rows of all signals. */
  readonly points: number;
}

const pollSeconds = 1;
const shownMax = 5;

/** Whether there is a table to ask. */
export function readable(store: Store): boolean {
  return http.get(addressOf(store, `SELECT count() FROM ${store.table} LIMIT 1`), paramsOf(store)).status === 200;
}

/**
 * Waits until the messages 0 … `sent` − 1 are stored, or nothing more has come for a while, and then as long as rows still
 * come, because what is stored twice comes late. Says what it found.
 */
export function awaitStored(store: Store, startedAt: string, sent: number): Stored {
  let counts = countsOf(store, startedAt);
  for (let quietSeconds = 0; !isQuiet(counts, sent, quietSeconds, store); quietSeconds += pollSeconds) {
    sleep(pollSeconds);
    const now = countsOf(store, startedAt);
    if (now.points !== counts.points) quietSeconds = 0;
    counts = now;
  }
  const { rows, numbers, points } = counts;
  // A message whose readings are not all there is not stored.
  const inPart = Math.ceil(Math.max(0, rows * signals.length - points) / (signals.length - 1));
  const lost = Math.max(0, sent - numbers) + inPart;
  const duplicate = rows - Math.min(numbers, sent);
  console.info(`${sent} messages sent, ${numbers} stored, ${lost} lost, ${duplicate} stored again.`);
  if (lost > 0) name('lost', missingSql(store, startedAt, sent), store);
  if (duplicate > 0) name('stored more than once', repeatedSql(store, startedAt), store);
  return { lost, duplicate };
}

/** Two polls without a change when everything is there. */
function isQuiet({ numbers, points }: Counts, sent: number, quietSeconds: number, store: Store): boolean {
  const complete = numbers >= sent && points >= sent * signals.length;
  return quietSeconds >= (complete ? 2 * pollSeconds : store.quietSeconds);
}

function countsOf(store: Store, startedAt: string): Counts {
  const [[points = 0] = []] = query(store, `SELECT count() FROM ${rowsOf(store, startedAt)}`);
  const numbered = `${rowsOf(store, startedAt)} AND signal = '${numberSignal}'`;
  const [[rows = 0] = []] = query(store, `SELECT count() FROM ${numbered}`);
  const [[numbers = 0] = []] = query(
    store,
    `SELECT count() FROM (SELECT DISTINCT cast(value AS long) FROM ${numbered})`,
  );
  return { rows, numbers, points };
}

/** A day of clock difference between k6 and QuestDB changes nothing: the times are those that k6 sent. */
const rowsOf = ({ table, tenant }: Store, startedAt: string): string =>
  `${table} WHERE tenant = '${tenant}' AND ts >= '${startedAt}'`;

const missingSql = (store: Store, startedAt: string, sent: number): string =>
  `SELECT n FROM (SELECT x - 1 AS n FROM long_sequence(${sent}) EXCEPT SELECT cast(value AS long) AS n FROM ${rowsOf(store, startedAt)} AND signal = '${numberSignal}') ORDER BY n LIMIT ${shownMax}`;

const repeatedSql = (store: Store, startedAt: string): string =>
  `SELECT n FROM (SELECT cast(value AS long) AS n, count() AS copies FROM ${rowsOf(store, startedAt)} AND signal = '${numberSignal}') WHERE copies > 1 ORDER BY n LIMIT ${shownMax}`;

/** The first of them, with what finds them in logs and tables. */
function name(what: string, sql: string, store: Store): void {
  const shown = query(store, sql).map(
    ([number = 0]) =>
      `message ${number} (device ${deviceOf(number, store.devices)}, request ${Math.floor(number / store.messagesPerRequest)})`,
  );
  console.error(`The first that are ${what}: ${shown.join(', ') || 'none by number'}.`);
}

function query(store: Store, sql: string): number[][] {
  const answer = http.get(addressOf(store, sql), paramsOf(store));
  const { dataset, error } = (answer.json() ?? {}) as { dataset?: number[][]; error?: string };
  if (!dataset) throw new Error(`QuestDB refused ${sql}: ${error ?? answer.error ?? answer.status}`);
  return dataset;
}

const addressOf = ({ questdbUrl }: Store, sql: string): string => `${questdbUrl}/exec?query=${encodeURIComponent(sql)}`;

function paramsOf({ questdbAuthorization }: Store): { headers: Record<string, string>; tags: { name: string } } {
  const headers: Record<string, string> = questdbAuthorization ? { authorization: questdbAuthorization } : {};
  return { headers, tags: { name: 'questdb' } };
}
