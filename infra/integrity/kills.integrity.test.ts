/**
 * Promise: kill any process under load, and every acknowledged message is stored once, order per device is kept in the
 * stream, the alarms are those that the recorded points give, and each window of a statistic has its result once.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { HttpSender } from './http-sender.ts';
import { Ledger } from './ledger.ts';
import { MqttSender } from './mqtt-sender.ts';
import { type PlantStack, startPlant } from './plant-stack.ts';
import { deviceUids, httpTenant, mqttTenant, statisticSeconds, valueAt } from './plant.ts';
import { recordedAlarms, replayedAlarms } from './recorded-alarms.ts';
import { storedOnce } from './stored-once.ts';
import { workInFlight } from './work-in-flight.ts';

const requestsPerSecond = 40;
const turnsPerSecond = 20;
const victims = [
  'gateway',
  'client-manager',
  'parser',
  'historian',
  'alarm-evaluator',
  'statistics-scheduler',
  'notifier',
  'api',
  'kafka',
  'questdb',
  'redis',
] as const;

const ledger = new Ledger();
const stopping = new AbortController();
let plant: PlantStack;
let http: HttpSender;
let sending: Promise<unknown>;

beforeAll(async () => {
  plant = await startPlant();
  const { gateway, apiKey, stack } = plant;
  const common = { devices: deviceUids, valueOf: valueAt };
  http = new HttpSender({ ...common, gateway, apiKey, tenant: httpTenant, rate: requestsPerSecond }, ledger);
  const mqtt = new MqttSender(
    { ...common, broker: stack.address('mosquitto'), tenant: mqttTenant, rate: turnsPerSecond },
    ledger,
  );
  sending = Promise.all([http.run(stopping.signal), mqtt.run(stopping.signal)]);
  await vi.waitFor(async () => expect((await plant.storedRows()).length).toBeGreaterThan(1_000), 30_000);
}, 240_000);

afterAll(async () => {
  stopping.abort();
  await plant?.stop();
}, 60_000);

test.each(victims)(
  '%s is killed with work in flight, comes back, and the stream goes on',
  async (victim) => {
    await kill(victim);
    const before = ledger.acknowledged;
    const rowsBefore = (await plant.storedRows()).length;
    await vi.waitFor(() => expect(ledger.acknowledged).toBeGreaterThan(before + 100), 30_000);
    await vi.waitFor(async () => expect((await plant.storedRows()).length).toBeGreaterThan(rowsBefore + 100), 60_000);
  },
  200_000,
);

test('afterwards nothing acknowledged is lost, stored twice or altered', async () => {
  stopping.abort();
  await sending;
  const { sent, acknowledged, stored, invented } = await storedOnce(plant, ledger, 60_000);
  console.log(`sent ${sent}, acknowledged ${acknowledged}, stored ${stored}, requests sent again ${http.interrupted}`);
  expect(invented).toEqual([]);
}, 120_000);

test('afterwards the alarms are those that the recorded points give', async () => {
  const expected = await replayedAlarms(plant.stack);
  expect(expected.size).toBeGreaterThan(20);
  await vi.waitFor(async () => expect(await recordedAlarms(plant.stack)).toEqual(expected), 60_000);
}, 120_000);

test('afterwards each window of a statistic has one result for each device, and none was skipped', async () => {
  const rows = `SELECT count(), min(cast(ts AS long)), max(cast(ts AS long)) FROM statistic_results WHERE statistic = 'count'`;
  await vi.waitFor(async () => {
    const [[results, first, last] = []] = await plant.query(rows);
    const windows = (Number(last) - Number(first)) / (statisticSeconds * 1_000_000) + 1;
    expect(windows).toBeGreaterThan(5);
    expect(results).toBe(windows * deviceUids.length);
  }, 60_000);
  const failed = `SELECT count() FROM statistic_results WHERE statistic = 'count' AND status != 'computed'`;
  expect(await plant.query(failed)).toEqual([[0]]);
  const perWindow = `SELECT ts, device, count() AS copies FROM statistic_results WHERE statistic = 'count'`;
  expect(await plant.query(`SELECT * FROM (${perWindow}) WHERE copies > 1`)).toEqual([]);
}, 90_000);

/** Kills it in a moment when it holds work; resolves when the platform is ready again. */
async function kill(victim: (typeof victims)[number]): Promise<void> {
  await vi.waitUntil(() => workInFlight(plant, victim, http), { timeout: 30_000, interval: 1 });
  await plant.stack.kill(victim);
  await plant.stack.ready();
}
