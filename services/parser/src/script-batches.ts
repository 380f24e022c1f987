/** Joins the messages that several partitions want parsed at the same time, so that each script gets few large batches. */
import { Batcher, type Clock } from '@millrace/kernel';
import {
  type DecodedUplink,
  decodeUplinks,
  detailWithLine,
  portOf,
  type Script,
  type ScriptExecutor,
  type ScriptFailure,
  type Uplink,
} from '@millrace/sandbox';
import { decodeJsonPayload } from './json-payload.ts';
import type { Recipe } from './recipe.ts';
import type { Failure, TakenMessage } from './taken-messages.ts';

export type Parsed = DecodedUplink | Failure;

/** A message whose recipe is known. */
export interface ParsableMessage extends TakenMessage {
  readonly recipe: Recipe;
}

interface Job {
  readonly messages: readonly ParsableMessage[];
  /** Filled when the job is done, in the order of the messages. */
  readonly results: Parsed[];
}

/** What a message waits at most for company. */
const lingerMs = 5;
/** The join closes here; the isolates are fed with large batches long before. */
const joinedMessagesMax = 4_000;
/** Messages in memory between Kafka and the scripts, all partitions together. */
const waitingMessagesMax = 16_000;
/** One call: a message that loops is noticed after the time limit of this many. */
const messagesPerCallMax = 500;

export class ScriptBatches {
  readonly #executor: ScriptExecutor;
  readonly #batcher: Batcher<Job>;

  constructor(executor: ScriptExecutor, clock: Clock) {
    this.#executor = executor;
    this.#batcher = new Batcher({
      write: (jobs, signal) => this.#run(jobs, signal),
      weightMax: joinedMessagesMax,
      lingerMs,
      waitingWeightMax: waitingMessagesMax,
      clock,
    });
  }

  /** One result per message, in order. Rejects with the signal's reason while there is no room, and with `not_ready` at the end. */
  async parse(messages: readonly ParsableMessage[], signal: AbortSignal): Promise<readonly Parsed[]> {
    const job: Job = { messages, results: Array<Parsed>(messages.length) };
    let done: Promise<void> | undefined;
    while (!(done = this.#batcher.offer(job, messages.length))) await this.#batcher.room(signal);
    await done;
    return job.results;
  }

  close(): Promise<void> {
    return this.#batcher.close();
  }

  async #run(jobs: readonly Job[], signal: AbortSignal): Promise<void> {
    const groups = new Groups();
    for (const job of jobs)
      for (let index = 0; index < job.messages.length; index += 1) {
        const { message, recipe } = job.messages[index]!;
        if (recipe.script) groups.add(recipe.script, uplinkOf(job.messages[index]!), job, index);
        else job.results[index] = decodeJsonPayload(message.payload);
      }
    const outcomes = await decodeUplinks(this.#executor, groups.all, signal);
    for (const [group, { jobs: owners, indexes }] of groups.all.entries())
      for (let place = 0; place < owners.length; place += 1)
        owners[place]!.results[indexes[place]!] = parsedOf(outcomes[group]![place]!);
  }
}

function parsedOf(outcome: DecodedUplink | ScriptFailure): Parsed {
  if ('rows' in outcome) return outcome;
  return { code: outcome.code, detail: detailWithLine(outcome) };
}

/** The uplinks of one script in one call, each with the place of its result. */
interface Group {
  readonly script: Script;
  readonly uplinks: Uplink[];
  readonly jobs: Job[];
  readonly indexes: number[];
}

class Groups {
  readonly all: Group[] = [];
  readonly #open = new Map<Script, Group>();

  add(script: Script, uplink: Uplink, job: Job, index: number): void {
    let group = this.#open.get(script);
    if (!group || group.uplinks.length >= messagesPerCallMax) {
      group = { script, uplinks: [], jobs: [], indexes: [] };
      this.#open.set(script, group);
      this.all.push(group);
    }
    group.uplinks.push(uplink);
    group.jobs.push(job);
    group.indexes.push(index);
  }
}

function uplinkOf({ message, recipe }: ParsableMessage): Uplink {
  const { payload, attributes, timeMicros, receivedAtMicros } = message;
  return {
    payload,
    fPort: portOf(attributes),
    receivedAtMs: (timeMicros ?? receivedAtMicros) / 1_000,
    variables: recipe.variables,
    attributes,
  };
}
