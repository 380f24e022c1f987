/**
 * The folder outside the clone that keeps what was fetched, one folder per thing and version. A thing is made in a folder
 * of its own and renamed into place, so that it is whole or absent; the lock only saves a second `up` the same work.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { lock } from '../file-lock.ts';

export class Cache {
  readonly folder: string;
  readonly #report: (text: string) => void;

  constructor(folder: string, report: (text: string) => void) {
    this.folder = folder;
    this.#report = report;
    mkdirSync(folder, { recursive: true });
  }

  /** The folder `name`, made by `make` when it is not there; `make` gets an empty folder to fill. */
  async installed(
    name: string,
    what: string,
    make: (staging: string) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<string> {
    const place = join(this.folder, name);
    if (existsSync(place)) return place;
    const wait = (): void => this.#report(`waiting for another millrace that fetches ${what}`);
    const held = await lock(join(this.folder, 'locks', name), wait, signal);
    try {
      if (existsSync(place)) return place;
      this.#report(`fetching ${what}`);
      await this.#make(place, make);
      return place;
    } finally {
      held.release();
    }
  }

  async #make(place: string, make: (staging: string) => Promise<void>): Promise<void> {
    const staging = `${place}.${randomUUID()}.part`;
    mkdirSync(staging, { recursive: true });
    try {
      await make(staging);
      renameSync(staging, place);
    } catch (error) {
      if (!existsSync(place)) throw error;
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  }
}

/** `MILLRACE_CACHE`, else the usual place for caches of this person. The bootstrap script uses the same rule. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const caches = environment['XDG_CACHE_HOME'] || join(environment['HOME'] ?? homedir(), '.cache');
  return environment['MILLRACE_CACHE'] || join(caches, 'millrace');
}
