/** Promise: what is away stops nothing but the clock. Components are frozen, a disk is filled; nothing acknowledged is lost. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { HttpSender } from './http-sender.ts';
import { Ledger } from './ledger.ts';
import { type PlantStack, startPlant } from './plant-stack.ts';
import { deviceUids, httpTenant, table, valueAt } from './plant.ts';
import { storedOnce } from './stored-once.ts';

/** A minute in the full form; the bounded one is long enough for every time-out and breaker to act. */
const outageMs = Number(process.env['MILLRACE_TEST_OUTAGE_SECONDS'] ?? 20) * 1_000;
const growthMiBMax = 150;
const requestsPerSecond = 40;
/** More than the tests before make. */
const transactionsMax = 5_000;
const dayMs = 24 * 3_600 * 1_000;

let plant: PlantStack;

beforeAll(async () => {
  plant = await startPlant();
}, 240_000);

afterAll(() => plant?.stop(), 60_000);

test(
  'QuestDB away: messages are accepted on, memory stays flat, and all is stored afterwards',
  async () => {
    const { ledger, stop } = send();
    await acknowledgedMore(ledger);
    const before = memoryMiB('historian');
    plant.stack.signal('questdb', 'SIGSTOP');
    await sleep(outageMs);
    await acknowledgedMore(ledger);
    expect(memoryMiB('historian') - before).toBeLessThan(growthMiBMax);
    plant.stack.signal('questdb', 'SIGCONT');
    await stop();
    await storedOnce(plant, ledger, 60_000);
  },
  outageMs + 180_000,
);

test(
  'Kafka away: no device gets a receipt, and what was sent meanwhile is accepted afterwards',
  async () => {
    const { ledger, stop } = send();
    await acknowledgedMore(ledger);
    plant.stack.signal('kafka', 'SIGSTOP');
    await sleep(2_000); // What was acknowledged by Kafka before the freeze has reached its sender.
    const { acknowledged } = ledger;
    await sleep(outageMs);
    expect(ledger.acknowledged).toBe(acknowledged);
    plant.stack.signal('kafka', 'SIGCONT');
    await acknowledgedMore(ledger);
    await stop();
    await storedOnce(plant, ledger, 60_000);
  },
  outageMs + 180_000,
);

test('the schema registry away at a start: the service waits for it and then works', async () => {
  const { ledger, stop } = send();
  await acknowledgedMore(ledger);
  plant.stack.signal('registry', 'SIGSTOP');
  for (const service of ['parser', 'gateway']) await plant.stack.kill(service);
  await sleep(5_000); // Long enough for both to be started again and to find the registry away.
  plant.stack.signal('registry', 'SIGCONT');
  await plant.stack.ready();
  await acknowledgedMore(ledger);
  await stop();
  await storedOnce(plant, ledger, 60_000);
}, 180_000);

test('a table that QuestDB suspended because it could not write its files is resumed, and shows what came meanwhile', async () => {
  const { ledger, stop } = send();
  await acknowledgedMore(ledger);
  const timeMs = Date.now() - 3 * dayMs;
  const obstacles = foldersOfDay(timeMs);
  for (const obstacle of obstacles) writeFileSync(obstacle, 'Where QuestDB wants to make a folder.');
  await sendOnce(ledger, timeMs);
  await vi.waitUntil(() => suspended(), { timeout: 30_000, interval: 50 });
  await acknowledgedMore(ledger);
  for (const obstacle of obstacles) rmSync(obstacle);
  await stop();
  await storedOnce(plant, ledger, 60_000);
}, 180_000);

/** Where QuestDB may put a day that has no rows yet: the number of the transaction that brings them is part of the name. */
function foldersOfDay(timeMs: number): readonly string[] {
  const tables = join(plant.stack.dataDir, 'questdb', 'db');
  const folder = readdirSync(tables).find((name) => name.startsWith(`${table}~`))!;
  const day = new Date(timeMs).toISOString().slice(0, 10);
  return Array.from({ length: transactionsMax }, (_, transaction) => join(tables, folder, `${day}.${transaction}`));
}

const suspended = async (): Promise<boolean> =>
  (await plant.query(`SELECT name FROM wal_tables() WHERE suspended AND name = '${table}'`)).length > 0;

async function sendOnce(ledger: Ledger, timeMs: number): Promise<void> {
  const entry = { tenant: httpTenant, deviceUid: deviceUids[0]!, timeMs, value: 1 };
  ledger.send([entry]);
  const response = await fetch(`${plant.gateway}/v1/messages/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${plant.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      messages: [{ device: entry.deviceUid, time: new Date(timeMs).toISOString(), json: { value: entry.value } }],
    }),
  });
  expect(response.ok).toBe(true);
  ledger.acknowledge([entry]);
}

function send(): { ledger: Ledger; stop: () => Promise<void> } {
  const { gateway, apiKey } = plant;
  const ledger = new Ledger();
  const sender = new HttpSender(
    { gateway, apiKey, tenant: httpTenant, devices: deviceUids, rate: requestsPerSecond, valueOf: valueAt },
    ledger,
  );
  const stopping = new AbortController();
  const running = sender.run(stopping.signal);
  return {
    ledger,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

async function acknowledgedMore(ledger: Ledger): Promise<void> {
  const before = ledger.acknowledged;
  await vi.waitFor(() => expect(ledger.acknowledged).toBeGreaterThan(before + 200), 60_000);
}

function memoryMiB(service: string): number {
  const pid = plant.stack.processes.find(({ name }) => name === service)?.pid;
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
