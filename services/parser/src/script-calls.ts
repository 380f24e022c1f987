/** From messages to calls of their scripts: few large ones, each for one script, and their outcomes back to the messages. */
import { deviceKey } from '@millrace/contracts';
import {
  type DecodedUplink,
  decodeUplinks,
  detailWithLine,
  portOf,
  type Script,
  type ScriptExecutor,
  type ScriptFailure,
  type Uplink,
  type UplinkGroup,
} from '@millrace/sandbox';
import { decodeJsonPayload } from './json-payload.ts';
import type { Failure, ParsableMessage } from './taken-messages.ts';

/** `script_deferred`: the message is to be parked. */
export type Parsed = DecodedUplink | Failure;

/** Messages that are asked for together. */
export interface ScriptJob {
  readonly messages: readonly ParsableMessage[];
  /** Filled when the job is done, in the order of the messages. */
  readonly results: Parsed[];
}

export interface ScriptCalling {
  readonly executor: ScriptExecutor;
  /** As in `FunctionCall`. */
  readonly patienceMs?: number;
  /** Told what each call cost its tenant. */
  readonly charge: (tenant: string, cpuMs: number) => void;
}

/** One call: a message that loops is noticed after the time limit of this many. */
const messagesPerCallMax = 500;

/** Resolves when every job has its results. Rejects as the executor does, never because of a script. */
export async function callScripts(
  jobs: readonly ScriptJob[],
  { executor, patienceMs, charge }: ScriptCalling,
  signal: AbortSignal,
): Promise<void> {
  const groups = new Groups();
  for (const job of jobs)
    for (let index = 0; index < job.messages.length; index += 1) {
      const parsable = job.messages[index]!;
      const { message, recipe } = parsable;
      if (recipe.script) groups.add(recipe.script, parsable, job, index);
      else job.results[index] = decodeJsonPayload(message.payload);
    }
  const calls = groups.all.map(({ script, uplinks, subjects }): UplinkGroup => ({
    script,
    uplinks,
    subjects,
    ...(patienceMs !== undefined && { patienceMs }),
    onUsage: ({ cpuMs }) => charge(script.tenant, cpuMs),
  }));
  const outcomes = await decodeUplinks(executor, calls, signal);
  for (const [group, { jobs: owners, indexes }] of groups.all.entries())
    for (let place = 0; place < owners.length; place += 1)
      owners[place]!.results[indexes[place]!] = parsedOf(outcomes[group]![place]!);
}

/** One result per message, in order, of a call that nobody else waits for; `script_deferred` where the processor was somewhere else. */
export async function parseAlone(
  messages: readonly ParsableMessage[],
  calling: Omit<ScriptCalling, 'patienceMs'>,
  signal: AbortSignal,
): Promise<readonly Parsed[]> {
  const job: ScriptJob = { messages, results: Array<Parsed>(messages.length) };
  await callScripts([job], { ...calling, patienceMs: Infinity }, signal);
  return job.results;
}

function parsedOf(outcome: DecodedUplink | ScriptFailure): Parsed {
  if ('rows' in outcome) return outcome;
  return { code: outcome.code, detail: detailWithLine(outcome) };
}

/** The uplinks of one script in one call, each with the place of its result. */
interface Group {
  readonly script: Script;
  readonly uplinks: Uplink[];
  /** The devices. */
  readonly subjects: string[];
  readonly jobs: ScriptJob[];
  readonly indexes: number[];
}

class Groups {
  readonly all: Group[] = [];
  readonly #open = new Map<Script, Group>();

  add(script: Script, parsable: ParsableMessage, job: ScriptJob, index: number): void {
    let group = this.#open.get(script);
    if (!group || group.uplinks.length >= messagesPerCallMax) {
      group = { script, uplinks: [], subjects: [], jobs: [], indexes: [] };
      this.#open.set(script, group);
      this.all.push(group);
    }
    group.uplinks.push(uplinkOf(parsable));
    group.subjects.push(deviceKey(parsable.message.tenant, parsable.message.deviceUid));
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
