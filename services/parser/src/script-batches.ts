/** Joins the messages that several partitions want parsed at the same time, so that each script gets few large batches. */
import { Batcher, type Clock, orAborted } from '@millrace/kernel';
import { callScripts, type Parsed, type ScriptCalling, type ScriptJob } from './script-calls.ts';
import type { ParsableMessage } from './taken-messages.ts';

/** What a message waits at most for company. */
const lingerMs = 5;
/** The join closes here; the isolates are fed with large batches long before. */
const joinedMessagesMax = 4_000;
/** Messages in memory between Kafka and the scripts, all partitions together. */
const waitingMessagesMax = 16_000;
/** What waits for a batch that failed as a whole is everybody's: a script that needs longer has its messages parked. */
const patienceMs = 250;

export class ScriptBatches {
  readonly #batcher: Batcher<ScriptJob>;

  constructor(calling: Omit<ScriptCalling, 'patienceMs'>, clock: Clock) {
    this.#batcher = new Batcher({
      write: (jobs, signal) => callScripts(jobs, { ...calling, patienceMs }, signal),
      weightMax: joinedMessagesMax,
      lingerMs,
      waitingWeightMax: waitingMessagesMax,
      clock,
    });
  }

  /** One result per message, in order. Rejects with the signal's reason while there is no room, and with `not_ready` at the end. */
  async parse(messages: readonly ParsableMessage[], signal: AbortSignal): Promise<readonly Parsed[]> {
    const job: ScriptJob = { messages, results: Array<Parsed>(messages.length) };
    let done: Promise<void> | undefined;
    while (!(done = this.#batcher.offer(job, messages.length))) await this.#batcher.room(signal);
    await orAborted(done, signal);
    return job.results;
  }

  close(): Promise<void> {
    return this.#batcher.close();
  }
}
