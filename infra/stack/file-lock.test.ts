import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { holderOf, lock, tryLock } from './file-lock.ts';
import { identityOf } from './process-identity.ts';

const newPath = (): string => join(mkdtempSync(join(tmpdir(), 'millrace-lock-')), 'one.lock');

test('a lock is held by one at a time', () => {
  const path = newPath();
  const first = tryLock(path);
  expect(first).toBeDefined();
  expect(tryLock(path)).toBeUndefined();
  first?.release();
  expect(tryLock(path)).toBeDefined();
});

test('the holder is known', () => {
  const path = newPath();
  expect(holderOf(path)).toBeUndefined();
  tryLock(path);
  expect(holderOf(path)).toEqual(identityOf(process.pid));
});

test.each([
  ['a process that is gone', JSON.stringify({ pid: process.pid, born: 'before' })],
  ['nobody, because the machine stopped while it was written', ''],
])('the lock of %s is taken over', (_, content) => {
  const path = newPath();
  writeFileSync(path, content);
  expect(tryLock(path)).toBeDefined();
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(identityOf(process.pid));
});

test('releasing a lock that somebody else has taken over leaves it to them', () => {
  const path = newPath();
  const first = tryLock(path);
  writeFileSync(path, JSON.stringify({ pid: 1, born: 'somebody' }));
  first?.release();
  expect(readFileSync(path, 'utf8')).toContain('somebody');
});

test('who waits is told once, and gets the lock when it is free', async () => {
  const path = newPath();
  const first = tryLock(path);
  let waits = 0;
  const second = lock(path, () => {
    waits += 1;
    first?.release();
  });
  await second;
  expect(waits).toBe(1);
  expect(holderOf(path)).toBeDefined();
});

test('who no longer wants to wait does not', async () => {
  const path = newPath();
  tryLock(path);
  const stopping = new AbortController();
  const waiting = lock(path, () => stopping.abort(), stopping.signal);
  await expect(waiting).rejects.toThrow();
});

test('nothing but the lock is left in the folder', () => {
  const path = newPath();
  tryLock(path);
  tryLock(path);
  expect(readdirSync(dirname(path))).toEqual(['one.lock']);
});
