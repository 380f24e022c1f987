/**
 * Ports that stacks of this machine have chosen. A JVM listens seconds after its port was found free, and a killed process
 * leaves its port free until it is started again: without a claim another stack would take it, and services would talk to
 * the wrong Kafka.
 */
import { chmodSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryLock, type FileLock } from './file-lock.ts';
import { isPortFree } from './ports.ts';

export class PortClaims {
  readonly #folder: string;
  readonly #locks: FileLock[] = [];

  constructor(folder: string = join(tmpdir(), 'millrace-ports')) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    try {
      // Other people's stacks share it; like in /tmp itself nobody can remove the claims of others.
      chmodSync(folder, 0o1777);
    } catch {
      // It is somebody else's, who has done so.
    }
  }

  /** True when nobody listens on the port or has claimed it; it is ours then until `release`. */
  async claim(port: number): Promise<boolean> {
    const lock = tryLock(join(this.#folder, String(port)));
    if (!lock) return false;
    if (await isPortFree(port)) {
      this.#locks.push(lock);
      return true;
    }
    lock.release();
    return false;
  }

  release(): void {
    for (const lock of this.#locks.splice(0)) lock.release();
  }
}
