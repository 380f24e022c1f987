/** Promise: a load test passes on a platform that keeps every message once, and fails on one that does not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { LoadReport } from '../../load-tests/summary.ts';
import { runK6, type LoadTarget } from '../load/k6-run.ts';
import { addressesOf, targetOf } from '../load/load-stack.ts';
import { loadTable } from '../load/load-tenant.ts';
import { Toolchain } from '../stack/toolchain/toolchain.ts';
import { FaultyGateway } from './faulty-gateway.ts';
import { type PlantStack, startPlant } from './plant-stack.ts';

const devices = 200;
const messagesPerRequest = 100;
const messagesPerSecond = 1_000;
const seconds = 2;
const folder = mkdtempSync(join(tmpdir(), 'millrace-load-results-'));
let k6: string;
let plant: PlantStack;
let gateway: FaultyGateway;
let target: LoadTarget;

beforeAll(async () => {
  k6 = await new Toolchain().k6();
  plant = await startPlant();
  gateway = new FaultyGateway(plant.gateway);
  const addresses = { ...addressesOf(plant.stack), gatewayUrl: await gateway.listen() };
  const { signal } = new AbortController();
  target = await targetOf(addresses, plant.stack.dataDir, devices, signal);
}, 600_000);

afterAll(async () => {
  gateway?.close();
  await plant?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

test('the smoke profile passes, with every message accounted for', async () => {
  const { code, report } = await smoke();
  expect(report).toMatchObject({ passed: true, crossed: [], messages: { lost: 0, duplicate: 0, verified: true } });
  expect(report.messages.sent).toBeGreaterThanOrEqual((seconds - 1) * messagesPerSecond);
  expect(code).toBe(0);
});

test('messages that were acknowledged and never stored fail the run, to the message', async () => {
  gateway.begin('swallow');
  const { code, report } = await smoke();
  expect(gateway.hits).toBeGreaterThan(0);
  expect(report.messages).toMatchObject({ lost: gateway.hits * messagesPerRequest, duplicate: 0 });
  expect(report.crossed).toEqual(['messages_lost: count==0']);
  expect(code).toBe(99);
});

test('messages that come again as new ones fail the run, to the message', async () => {
  gateway.begin('restamp');
  await expectDuplicates();
});

test('a table without deduplication fails the run when requests are repeated, to the message', async () => {
  await fetch(`${target.questdbUrl}/exec?query=${encodeURIComponent(`ALTER TABLE ${loadTable} DEDUP DISABLE`)}`);
  await vi.waitFor(async () =>
    expect(await plant.query(`SELECT dedup FROM tables() WHERE table_name = '${loadTable}'`)).toEqual([[false]]),
  );
  gateway.begin('repeat');
  await expectDuplicates();
});

async function expectDuplicates(): Promise<void> {
  const { code, report } = await smoke();
  expect(gateway.hits).toBeGreaterThan(0);
  expect(report.messages).toMatchObject({ lost: 0, duplicate: gateway.hits * messagesPerRequest });
  expect(report.crossed).toEqual(['messages_duplicate: count==0']);
  expect(code).toBe(99);
}

async function smoke(): Promise<{ code: number; report: LoadReport }> {
  const order = { profile: 'smoke', devices, messagesPerSecond, seconds, quietSeconds: 3, format: 'json' } as const;
  const results = join(folder, 'smoke');
  const run = { k6, target, order: { ...order, results }, progress: false, output: 'capture' } as const;
  const { code, stdout } = await runK6(run, new AbortController().signal);
  return { code, report: JSON.parse(stdout) as LoadReport };
}
