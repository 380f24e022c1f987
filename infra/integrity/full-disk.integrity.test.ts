/** Promise: a full disk stops receipts, not the platform; when there is room again, all that was acknowledged is stored. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { HttpSender } from './http-sender.ts';
import { Ledger } from './ledger.ts';
import { type PlantStack, startPlant } from './plant-stack.ts';
import { deviceUids, httpTenant, valueAt } from './plant.ts';
import { storedOnce } from './stored-once.ts';

/** Kafka, QuestDB and the others need about half of it. */
const diskMiB = 1_024;
const requestsPerSecond = 40;
const dataDir = mkdtempSync(join(tmpdir(), 'millrace-full-disk-'));
const mounted = mountDisk();
let plant: PlantStack;

beforeAll(async () => {
  if (mounted) plant = await startPlant({ dataDir });
}, 240_000);

afterAll(async () => {
  await plant?.stop();
  if (mounted) execFileSync('umount', [dataDir]);
  rmSync(dataDir, { recursive: true, force: true });
}, 60_000);

test.skipIf(!mounted)(
  'a full disk loses nothing that was acknowledged (needs the right to mount a small disk)',
  async () => {
    const ledger = new Ledger();
    const stopping = new AbortController();
    const { gateway, apiKey } = plant;
    const sender = new HttpSender(
      { gateway, apiKey, tenant: httpTenant, devices: deviceUids, rate: requestsPerSecond, valueOf: valueAt },
      ledger,
    );
    const sending = sender.run(stopping.signal);
    await acknowledgedMore(ledger);

    const ballast = join(dataDir, 'ballast');
    fill(ballast);
    await vi.waitFor(() => expect(sender.onTheWay).toBeGreaterThan(requestsPerSecond), 60_000);
    rmSync(ballast);

    await acknowledgedMore(ledger);
    stopping.abort();
    await sending;
    await storedOnce(plant, ledger, 120_000);
  },
  300_000,
);

async function acknowledgedMore(ledger: Ledger): Promise<void> {
  const before = ledger.acknowledged;
  await vi.waitFor(() => expect(ledger.acknowledged).toBeGreaterThan(before + 200), 120_000);
}

/** A disk of its own in memory, so that only the plant's is full. */
function mountDisk(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMiB}m`, 'millrace-test', dataDir], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Takes every byte that is left; what is freed by others meanwhile is taken too. */
function fill(file: string): void {
  const piece = Buffer.alloc(1024 * 1024);
  for (;;) {
    const { bavail, bsize } = statfsSync(dataDir);
    if (bavail === 0) return;
    try {
      writeFileSync(file, piece.subarray(0, Math.min(piece.length, bavail * bsize)), { flag: 'a' });
    } catch {
      return;
    }
  }
}
