import { MillraceError, type StatisticConfig, type StatisticResult } from '@millrace/contracts';
import type { OutgoingRecord, Receipt } from '@millrace/kafka';
import { Accounting } from '@millrace/observe';
import { ScriptFailure } from '@millrace/sandbox';
import { ManualClock } from '@millrace/testkit';
import { beforeEach, expect, test } from 'vitest';
import type { Evaluator } from './evaluators.ts';
import { attemptsMax, Runner } from './runner.ts';
import { type CountedEvents, countedEvents } from './testing/counted-events.ts';
import { deviceOf, statisticOf } from './testing/statistics.ts';

const windowEndMs = Date.parse('2026-11-21T12:00:00Z');
const run = { tenant: 'mill', statisticId: 'mean-temperature', windowEndMs };
const away = new MillraceError('store_unavailable', 'QuestDB is away.');

let definition: StatisticConfig | undefined;
let deviceCount: number;
let tenantDeleted: boolean;
let results: StatisticResult[];
let readError: MillraceError | undefined;
let failEvaluation: (uid: string) => ScriptFailure | undefined;
let means: () => Evaluator;
let events: CountedEvents;
let accounting: Accounting;
let stopping: AbortController;

beforeEach(() => {
  definition = statisticOf();
  deviceCount = 2;
  tenantDeleted = false;
  results = [];
  readError = undefined;
  failEvaluation = () => undefined;
  means = () => evaluator;
  events = countedEvents();
  accounting = new Accounting('test', 'test');
  stopping = new AbortController();
});

const evaluator: Evaluator = {
  scriptVersion: 'one@2',
  evaluate: async (inputs) =>
    inputs.map(({ device: { uid } }) => failEvaluation(uid) ?? { values: [{ name: 'one', value: 1 }], warnings: [] }),
};

function attempt(number: number): Promise<void> {
  const runner = new Runner({
    configuration: {
      isDeleted: () => tenantDeleted,
      tenant: () => ({
        tenant: 'mill',
        name: '',
        retentionClass: '30d',
        ownTable: false,
        state: 'active',
        quotas: null,
      }),
      statistic: () => definition,
    },
    devices: { devicesOf: () => Array.from({ length: deviceCount }, (_, index) => deviceOf(`oven-${index}`)) },
    evaluators: { evaluatorOf: () => means() },
    reader: {
      read: async (_request, devices) => {
        if (readError) throw readError;
        return devices.map(({ deviceUid: uid }) => {
          return { points: 7, input: { device: { uid, name: '', attributes: {} }, fromMs: 0, toMs: 0, inputs: {} } };
        });
      },
    },
    applied: async () => undefined,
    producer: {
      send: async (records: readonly OutgoingRecord[]) => {
        for (const { value } of records) results.push(JSON.parse(String(value)) as StatisticResult);
        return undefined as unknown as Receipt;
      },
    },
    encode: (result) => Buffer.from(JSON.stringify({ ...result, resultId: result.resultId.toString('hex') })),
    hop: accounting.hop('evaluate'),
    emit: events.emit,
    clock: new ManualClock(windowEndMs + 1_000),
  });
  return runner.run(run, number, stopping.signal);
}

test('a repeated run writes the same results', async () => {
  await attempt(1);
  const first = results.splice(0);
  await attempt(1);
  expect(results).toEqual(first);
  expect(first).toMatchObject([
    { deviceUid: 'oven-0', status: 'computed', inputPoints: 7, scriptVersion: 'one@2', values: [{ name: 'one' }] },
    { deviceUid: 'oven-1', windowStartMicros: (windowEndMs - 3_600_000) * 1_000 },
  ]);
});

test('every device of a large product has a result', async () => {
  deviceCount = 250;
  await attempt(1);
  expect(new Set(results.map(({ deviceUid }) => deviceUid)).size).toBe(250);
  expect(accounting.report().hops).toMatchObject([{ in: 250, out: 250, inFlight: 0 }]);
});

test('a script that fails for a device is no reason to try again', async () => {
  failEvaluation = (uid) => (uid === 'oven-1' ? new ScriptFailure('script_threw', 'no') : undefined);
  await attempt(1);
  expect(results).toMatchObject([
    { status: 'computed' },
    { status: 'failed', values: [], errorCode: 'script_threw', errorDetail: 'no' },
  ]);
  expect(events.counts).toMatchObject({ runCompleted: 1, resultsFailed: 1 });
});

test('while the store is away a run is tried again, and its last attempt writes failed results', async () => {
  readError = away;
  await expect(attempt(attemptsMax - 1)).rejects.toBe(away);
  expect(results).toEqual([]);
  expect(accounting.report().hops).toMatchObject([{ in: 0, out: 0, inFlight: 0 }]);
  await attempt(attemptsMax);
  expect(results.map(({ status, errorCode }) => `${status} ${errorCode}`)).toEqual(
    Array(2).fill('failed store_unavailable'),
  );
  expect(events.counts).toMatchObject({ runRetried: 1, runCompleted: 1 });
});

test('a run that the end of the process interrupts writes nothing, even in its last attempt', async () => {
  readError = away;
  stopping.abort();
  await expect(attempt(attemptsMax)).rejects.toBe(away);
  expect(results).toEqual([]);
});

test.each([
  ['was deleted', () => undefined],
  ['was disabled', () => statisticOf({ enabled: false })],
  ['makes no sense', () => statisticOf({ timeZone: 'Mars/Olympus' })],
  ['has another schedule', () => statisticOf({ cron: '30 * * * *' })],
])('a window of a statistic that %s is waited for, then dropped', async (_name, changed) => {
  definition = changed();
  await expect(attempt(1)).rejects.toMatchObject({ code: 'configuration_behind' });
  await attempt(10);
  expect(results).toEqual([]);
  expect(events.counts).toMatchObject({ runRetried: 1, runDropped: 1 });
});

test('a script that is not there is waited for, then the reason of failed results', async () => {
  means = () => {
    throw new MillraceError('unknown_script', 'There is no script x.');
  };
  await expect(attempt(1)).rejects.toMatchObject({ code: 'configuration_behind' });
  await attempt(10);
  expect(results).toMatchObject(Array(2).fill({ status: 'failed', errorCode: 'unknown_script' }));
});

test('a window of a tenant that was deleted is dropped and has no result', async () => {
  tenantDeleted = true;
  await attempt(1);
  expect(results).toEqual([]);
});
