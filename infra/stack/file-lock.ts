/** A lock that a killed holder does not keep: a file that names its holder, taken over when that process is gone. */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, isAlive, type ProcessIdentity } from './process-identity.ts';

export interface FileLock {
  release(): void;
}

const pollMs = 200;

/** Undefined when a living process holds it; that process may be this one. */
export function tryLock(path: string): FileLock | undefined {
  mkdirSync(dirname(path), { recursive: true });
  const own = `${path}.${randomUUID()}`;
  const content = JSON.stringify(identityOf(process.pid));
  writeFileSync(own, content, { mode: 0o600 });
  try {
    if (linked(own, path)) return lockAt(path, content);
    if (!removeAbandoned(path)) return undefined;
    return linked(own, path) ? lockAt(path, content) : undefined;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Waits until the lock is free; `onWait` is called once when it has to. */
export async function lock(path: string, onWait: () => void, signal?: AbortSignal): Promise<FileLock> {
  let held = tryLock(path);
  if (!held) onWait();
  while (!held) {
    await sleep(pollMs, undefined, { signal });
    held = tryLock(path);
  }
  return held;
}

/** The living process that holds the lock. */
export function holderOf(path: string): ProcessIdentity | undefined {
  const holder = readHolder(path);
  return holder && isAlive(holder) ? holder : undefined;
}

function lockAt(path: string, content: string): FileLock {
  return {
    release() {
      if (readText(path) === content) rmSync(path, { force: true });
    },
  };
}

function linked(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Only one of several contenders wins the rename; one that caught a fresh lock by it puts that back. */
function removeAbandoned(path: string): boolean {
  if (holderOf(path)) return false;
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch {
    return true;
  }
  const fresh = holderOf(aside) !== undefined;
  if (fresh) linked(aside, path);
  rmSync(aside, { force: true });
  return !fresh;
}

function readHolder(path: string): ProcessIdentity | undefined {
  const text = readText(path);
  try {
    return text === undefined ? undefined : (JSON.parse(text) as ProcessIdentity);
  } catch {
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
