import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@millrace/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { folderChanges } from './folder-changes.ts';

let folder: string;
let clock: ManualClock;
let stopping: AbortController;
let changes: number;
let ended: Promise<void>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-folder-'));
  await mkdir(join(folder, 'scripts'));
  clock = new ManualClock();
  stopping = new AbortController();
  changes = 0;
  ended = count();
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));
});

afterEach(async () => {
  stopping.abort();
  await ended;
  await rm(folder, { recursive: true, force: true });
});

async function count(): Promise<void> {
  for await (const _ of folderChanges(folder, clock, stopping.signal)) changes += 1;
}

/** Lets the folder be looked at once. */
async function look(): Promise<void> {
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));
  await clock.advance(300);
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));
}

test('a folder is reported at once, and not again while it stays the same', async () => {
  expect(changes).toBe(1);
  await look();
  await look();
  expect(changes).toBe(1);
});

test.each([
  ['a new file', () => writeFile(join(folder, 'tenants.json'), '[]')],
  ['a new script', () => writeFile(join(folder, 'scripts', 'a.js'), '')],
])('%s is reported when it has come to rest', async (_, change) => {
  await change();
  await look();
  expect(changes).toBe(1);
  await look();
  expect(changes).toBe(2);
});

test('a file that is still being written is not reported yet', async () => {
  for (let size = 1; size < 4; size += 1) {
    await writeFile(join(folder, 'tenants.json'), ' '.repeat(size));
    await look();
  }
  expect(changes).toBe(1);
  await look();
  expect(changes).toBe(2);
});

test('a folder that was replaced by another one is still followed', async () => {
  await rename(folder, `${folder}-old`);
  await mkdir(folder);
  await writeFile(join(folder, 'tenants.json'), '[]');
  await look();
  await look();
  expect(changes).toBe(2);
  await rm(`${folder}-old`, { recursive: true });
});
