/**
 * Notices changes of a configuration folder by looking, not by the file system's notices: those do not reach through network
 * mounts, through the swapped links of a Kubernetes ConfigMap, or to a folder that was deleted and made again.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@millrace/kernel';

/** A change must look the same twice, so it is noticed within twice this time; one look costs a `stat` per file. */
const lookMs = 300;

/** Yields at once, then after each change that has come to rest, until the signal is aborted. */
export async function* folderChanges(folder: string, clock: Clock, signal: AbortSignal): AsyncGenerator<void> {
  let reported = await stateOf(folder);
  let before = reported;
  yield;
  while (await slept(clock, signal)) {
    const now = await stateOf(folder);
    if (now === before && now !== reported) {
      reported = now;
      yield;
    }
    before = now;
  }
}

/** Name, time, size and identity of each file that can be part of a configuration. */
async function stateOf(folder: string): Promise<string> {
  const files = (await names(folder)).filter((name) => name.endsWith('.json'));
  const scripts = (await names(join(folder, 'scripts'))).map((name) => join('scripts', name));
  const states = await Promise.all([...files, ...scripts].map((name) => fileStateOf(folder, name)));
  return states.sort().join('\n');
}

/** A file may vanish between the listing and the look. */
async function fileStateOf(folder: string, name: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(join(folder, name));
    return `${name} ${mtimeMs} ${size} ${ino}`;
  } catch {
    return `${name} gone`;
  }
}

async function names(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}

/** False: the signal was aborted. */
async function slept(clock: Clock, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(lookMs, signal);
  } catch {
    return false;
  }
  return !signal.aborted;
}
