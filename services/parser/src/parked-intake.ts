/** One batch of parked records: worked off in order, in small steps, as the tenants' CPU time allows. */
import { MillraceError, type ParkedBatch } from '@millrace/contracts';
import type { AvroCodec, RecordBatch } from '@millrace/kafka';
import type { CpuGate } from '@millrace/quotas';
import { type ChunkEnds, endChunk, type EndParts, missingOf, parsableOf } from './chunk-ends.ts';
import { awaited, type ConfigurationGrace } from './configuration-grace.ts';
import { takeParked } from './parked-records.ts';
import { tenantChunk, type RawChunk } from './raw-chunk.ts';
import type { RecipeBook } from './recipe.ts';
import type { Parsed } from './script-calls.ts';
import type { Failure, ParsableMessage } from './taken-messages.ts';

export interface ParkedIntakeParts extends EndParts {
  readonly parked: Pick<AvroCodec<ParkedBatch>, 'decode'>;
  /** Where the messages came from, and their dead letters name. */
  readonly rawTopic: string;
  /** Lanes of the quota of points from here on are those of parked records, which have times of their own. */
  readonly pointsLanesFrom: number;
  readonly recipes: Pick<RecipeBook, 'recipeOf'>;
  readonly grace: ConfigurationGrace;
  /** Runs every message, however long it takes. */
  readonly parse: (messages: readonly ParsableMessage[], signal: AbortSignal) => Promise<readonly Parsed[]>;
  readonly cpu: Pick<CpuGate, 'refusalOfParked'>;
}

/** A step: what is parsed, written and settled together. */
const stepMessagesMax = 60;
/** The next fetch waits for the batches of all partitions: one that takes longer ends, and goes on with the next fetch. */
const turnMsMax = 1_000;
/**
 * What is so old, and whose tenant was out of CPU time for so long at the head of the partition, is a dead letter: a tenant that
 * always sends more than it may run would else delay all that is parked behind it, and in the end lose its messages with the
 * topic's oldest records. Age alone is no reason: it may come from an outage, or from those before it.
 */
const waitMsMax = 3_600_000;
/** A partition that was refused is asked again within two seconds: what lies further apart was no waiting. */
const askedAgainMsMax = 10_000;

interface Waiting {
  askedMs: number;
  waitedMs: number;
}

export class ParkedIntake {
  readonly #parts: ParkedIntakeParts;
  /** By partition and tenant, until the partition was read to its end. */
  readonly #waiting = new Map<number, Map<string, Waiting>>();

  constructor(parts: ParkedIntakeParts) {
    this.#parts = parts;
  }

  /**
   * Gives the messages their end, step by step, and settles each step. What has to wait is thrown, and the rest comes again, in
   * order: `quota_exceeded` for CPU time, `script_deferred` when the turn is over, `configuration_behind` as with raw records.
   */
  async take(batch: RecordBatch): Promise<void> {
    const { parked, recipes, grace, rawTopic, clock, emit, pointsLanesFrom } = this.#parts;
    const taken = takeParked(batch, parked, recipes.recipeOf.bind(recipes), rawTopic);
    const turnEndMs = clock.monotonicMs() + turnMsMax;
    const { end, first } = awaited(taken, grace);
    if (first) emit.configurationAwaited({ partition: batch.partition, ...first });
    for (let from = 0; from < end;) {
      if (from > 0 && clock.monotonicMs() >= turnEndMs)
        throw new MillraceError('script_deferred', 'The parked messages of the other partitions have their turn.');
      const chunk = tenantChunk(taken, from, end, stepMessagesMax);
      const refusal = this.#refusalOf(batch, chunk);
      await endChunk(this.#parts, { batch, taken, chunk, pointsLane: pointsLanesFrom + batch.partition }, (ends) =>
        this.#give(batch, chunk, refusal, ends),
      );
      batch.settle((from = chunk.end));
    }
    if (batch.recordsBehind === 0 && end === taken.length) this.#waiting.delete(batch.partition);
    if (first) throw new MillraceError('configuration_behind', 'A message waits for the configuration of its device.');
  }

  /** Throws it while waiting is of use; gives it when the messages have waited long enough. */
  #refusalOf({ partition, records }: RecordBatch, { messages, end }: RawChunk): Failure | undefined {
    const { cpu, clock } = this.#parts;
    const script = parsableOf(messages).find(({ recipe }) => recipe.script)?.recipe.script;
    const refusal = script && cpu.refusalOfParked(script.tenant);
    if (!refusal) return undefined;
    const waitedMs = this.#waited(partition, script.tenant);
    if (waitedMs < waitMsMax || clock.nowMs() - Number(records[end - 1]!.timestamp) < waitMsMax) throw refusal;
    return {
      code: 'quota_exceeded',
      detail: `The scripts of the tenant had no CPU time left for the message within ${waitMsMax / 60_000} minutes.`,
    };
  }

  /** For how long this tenant kept this partition waiting, with this time. */
  #waited(partition: number, tenant: string): number {
    const nowMs = this.#parts.clock.monotonicMs();
    let ofPartition = this.#waiting.get(partition);
    if (!ofPartition) this.#waiting.set(partition, (ofPartition = new Map()));
    const { askedMs, waitedMs } = ofPartition.get(tenant) ?? { askedMs: nowMs, waitedMs: 0 };
    const sinceMs = nowMs - askedMs;
    const waiting = { askedMs: nowMs, waitedMs: sinceMs > askedAgainMsMax ? waitedMs : waitedMs + sinceMs };
    ofPartition.set(tenant, waiting);
    return waiting.waitedMs;
  }

  async #give({ signal }: RecordBatch, { messages }: RawChunk, refusal: Failure | undefined, ends: ChunkEnds) {
    const called = parsableOf(messages).filter(({ recipe }) => !refusal || !recipe.script);
    const parsed = called.length > 0 ? await this.#parts.parse(called, signal) : [];
    if (parsed.some((one) => 'code' in one && one.code === 'script_deferred'))
      throw new MillraceError('script_deferred', 'The machine has no processor to spare for parked messages.');
    let next = 0;
    for (const message of messages) {
      const failure = missingOf(message) ?? refusal;
      if (called[next] === message) ends.add(called[next]!, parsed[next++]!);
      else if (failure) ends.putAside(message, failure);
    }
    await ends.write(signal);
  }
}
