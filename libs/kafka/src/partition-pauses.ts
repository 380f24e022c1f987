/** Partitions whose handler needs something that is away: not fetched for a while, a longer one each time in a row. */
import type { ErrorCode, MillraceError } from '@millrace/contracts';
import { backoff, type Backoff } from '@millrace/kernel';

/** Something that came back is used again within a second or so; while it is away it is not asked more often. */
const delays = { delayMsMin: 200, delayMsMax: 2_000 };

interface PausablePartition {
  readonly topic: string;
  readonly partition: number;
  /** Returns what resumes it. */
  pause(): () => void;
}

export class PartitionPauses {
  readonly #backoffs = new Map<string, Backoff>();
  readonly #timers = new Set<NodeJS.Timeout>();

  /** Pauses a partition and resumes it after the returned number of milliseconds. */
  pause(batch: PausablePartition): number {
    const name = nameOf(batch);
    const delaysOfThis = this.#backoffs.get(name) ?? backoff(delays);
    this.#backoffs.set(name, delaysOfThis);
    const delayMs = Math.ceil(delaysOfThis.next());
    const resume = batch.pause();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      resume();
    }, delayMs);
    this.#timers.add(timer);
    return delayMs;
  }

  /** After a success the next pause is a short one again. */
  reset(batch: PausablePartition): void {
    if (this.#backoffs.size > 0) this.#backoffs.delete(nameOf(batch));
  }

  /** Forgets the pauses of a consumer that stops. */
  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}

/** A tenant that waits for its quota, or a script for its turn, is no trouble of the platform's. */
const planned: ReadonlySet<ErrorCode> = new Set(['quota_exceeded', 'script_deferred']);

export function levelOfPause({ code }: MillraceError): 'debug' | 'warn' {
  return planned.has(code) ? 'debug' : 'warn';
}

function nameOf({ topic, partition }: PausablePartition): string {
  return `${topic}/${partition}`;
}
