/**
 * The queue of runs in Redis, kept by BullMQ: a delayed message for each window, which expires when the window is due. Its
 * id is made of statistic and window, so that any number of instances add it once.
 */
import { isoTimeOf } from '@millrace/contracts';
import { orAborted } from '@millrace/kernel';
import { type Job, Queue, Worker } from 'bullmq';

/** One window of one statistic. */
export interface Run {
  readonly tenant: string;
  readonly statisticId: string;
  /** UTC milliseconds. */
  readonly windowEndMs: number;
}

export interface PlannedRun extends Run {
  /** When it is to be evaluated. */
  readonly dueMs: number;
}

export interface RunQueueOptions {
  /** `redis://host:port`. */
  readonly redisUrl: string;
  readonly name: string;
  /** `attempt` counts from 1. A rejection makes the run come again later, without end: who runs it decides about the end. */
  readonly run: (run: Run, attempt: number) => Promise<void>;
  readonly onAbandoned: (runId: string, reason: string) => void;
  /** Redis is away; it is asked again. */
  readonly onError: (error: Error) => void;
}

/** Runs of one instance at once: QuestDB has few workers, and a script has one process. */
const concurrency = 4;

/** An instance that is killed is missed after the first time, noticed within the second, and its runs are taken over. */
const lockMs = 10_000;
const stalledCheckMs = 5_000;

/** Ends of the process in the middle of one run: so many are no accident. */
const stallsMax = 20;

/** Each instance plans a window within seconds of the others; this long after its end it is known not to be new. */
const keptSeconds = 3_600;

/** BullMQ wants a number; see `RunQueueOptions.run`. */
const attemptsMax = Number.MAX_SAFE_INTEGER;

/** A store that is away is back in seconds or in minutes. */
const retryMsMin = 1_000;
const retryMsMax = 60_000;

/** While Redis is away closing would wait for it; what it holds is taken over by others. */
const closeMsMax = 5_000;

const prefix = 'millrace';

export class RunQueue {
  readonly #options: RunQueueOptions;
  readonly #queue: Queue<Run>;
  #worker: Worker<Run> | undefined;

  constructor(options: RunQueueOptions) {
    this.#options = options;
    this.#queue = new Queue<Run>(options.name, { connection: this.#connection, prefix });
    this.#queue.on('error', options.onError);
  }

  /** Resolves when all are in Redis, which it waits for; those that are there already, or were there lately, stay as they are. */
  async add(runs: readonly PlannedRun[]): Promise<void> {
    const nowMs = Date.now();
    await this.#queue.addBulk(
      runs.map(({ dueMs, ...run }) => ({
        name: run.statisticId,
        data: run,
        opts: {
          jobId: runIdOf(run),
          delay: Math.max(0, dueMs - nowMs),
          attempts: attemptsMax,
          backoff: { type: 'custom' },
          removeOnComplete: { age: keptSeconds },
          removeOnFail: { age: keptSeconds },
        },
      })),
    );
  }

  /** Removes what there is of the tenant, also of runs that have ended; false: one is running, and is removed by a later call. */
  async forget(tenant: string): Promise<boolean> {
    let all = true;
    for (const run of await this.#queue.getJobs()) {
      if (run?.data.tenant !== tenant) continue;
      await run.remove().catch(() => (all = false));
    }
    // Events of the queue name runs; nobody listens to them.
    await this.#queue.trimEvents(0);
    return all;
  }

  /** Begins to run what is due. */
  start(): void {
    const { name, run, onAbandoned, onError } = this.#options;
    this.#worker = new Worker<Run>(name, (job) => run(job.data, job.attemptsMade + 1), {
      connection: this.#connection,
      prefix,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: stalledCheckMs,
      maxStalledCount: stallsMax,
      settings: { backoffStrategy: retryDelayMs },
    });
    this.#worker.on('error', onError);
    this.#worker.on('failed', (job: Job<Run> | undefined, error) => {
      if (job?.finishedOn !== undefined) onAbandoned(runIdOf(job.data), error.message);
    });
  }

  /** Resolves when the runs under way have settled, which the caller makes sure of, or after some seconds. */
  async close(): Promise<void> {
    await orAborted(this.#closeBoth(), AbortSignal.timeout(closeMsMax)).catch(() => undefined);
  }

  async #closeBoth(): Promise<void> {
    await this.#worker?.close();
    await this.#queue.close();
  }

  /** Commands wait for Redis instead of failing. */
  get #connection(): { readonly url: string; readonly maxRetriesPerRequest: null } {
    return { url: this.#options.redisUrl, maxRetriesPerRequest: null };
  }
}

export function runIdOf({ tenant, statisticId, windowEndMs }: Run): string {
  return `${tenant}/${statisticId}/${windowEndMs}`;
}

/** For people: the end of the run's window. */
export function windowEndOf({ windowEndMs }: Run): string {
  return isoTimeOf(windowEndMs * 1_000);
}

/** Doubles with each attempt; with jitter, so that runs that failed together do not come back together. */
function retryDelayMs(attemptsMade: number): number {
  const boundMs = Math.min(retryMsMax, retryMsMin * 2 ** attemptsMade);
  return Math.round(retryMsMin + Math.random() * (boundMs - retryMsMin));
}
