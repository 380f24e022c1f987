/** Promise: what is away stops nothing but the clock. Components are frozen, a disk is filled; nothing acknowledged is lost. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { HttpSender } from './http-sender.ts';
import { Ledger } from './ledger.ts';
import { type PlantStack, startPlant } from './plant-stack.ts';
import { deviceUids, httpTenant, valueAt } from './plant.ts';

/** A minute in the full form; the bounded one is long enough for every time-out and breaker to act. */
const outageMs = Number(process.env['MILLRACE_TEST_OUTAGE_SECONDS'] ?? 20) * 1_000;
const growthMiBMax = 150;
const requestsPerSecond = 40;

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
    await allStoredOnce(ledger);
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
    await allStoredOnce(ledger);
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
  await allStoredOnce(ledger);
}, 180_000);

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

async function allStoredOnce(ledger: Ledger): Promise<void> {
  await vi.waitFor(async () => expect(ledger.reconcile(await plant.storedRows()).lost).toEqual([]), 60_000);
  const { duplicate, altered } = ledger.reconcile(await plant.storedRows());
  expect({ duplicate, altered }).toEqual({ duplicate: [], altered: [] });
}

function memoryMiB(service: string): number {
  const pid = plant.stack.processes.find(({ name }) => name === service)?.pid;
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
