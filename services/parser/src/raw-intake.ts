/** One batch of raw records through the scripts: each message becomes points or a dead letter, or is parked. */
import { MillraceError, type ParkedBatch, type RawBatch } from '@millrace/contracts';
import type { AvroCodec, RecordBatch } from '@millrace/kafka';
import type { CpuGate } from '@millrace/quotas';
import type { Script } from '@millrace/sandbox';
import { type ChunkEnds, endChunk, type EndParts, missingOf, parsableOf } from './chunk-ends.ts';
import { ChunkParking } from './chunk-parking.ts';
import type { ConnectionOwners } from './connection-owners.ts';
import { awaited, type ConfigurationGrace } from './configuration-grace.ts';
import type { ParkedDevices, ParkedPartition } from './parked-devices.ts';
import { parkedRecordsOf, type ParkingReason } from './parked-records.ts';
import { chunksOf, type RawChunk } from './raw-chunk.ts';
import type { RecipeBook } from './recipe.ts';
import type { ScriptBatches } from './script-batches.ts';
import type { Parsed } from './script-calls.ts';
import type { SlowScripts } from './slow-scripts.ts';
import { isParsable, type ParsableMessage, takeMessages, type TakenMessage } from './taken-messages.ts';

export interface RawIntakeParts extends EndParts {
  readonly raw: Pick<AvroCodec<RawBatch>, 'decode' | 'encode'>;
  readonly parked: Pick<AvroCodec<ParkedBatch>, 'encode'>;
  readonly parkedTopic: string;
  readonly recipes: Pick<RecipeBook, 'recipeOf'>;
  readonly grace: ConfigurationGrace;
  readonly scripts: Pick<ScriptBatches, 'parse'>;
  readonly cpu: Pick<CpuGate, 'admitsFresh'>;
  readonly slowScripts: SlowScripts;
  readonly parkedDevices: Pick<ParkedDevices, 'of'>;
  readonly owners: Pick<ConnectionOwners, 'caughtUp' | 'standingOf'>;
}

/** Parsed, written and settled together: enough for large script calls, little enough to hold one per partition in memory. */
const chunkMessagesMax = 2_000;

export class RawIntake {
  readonly #parts: RawIntakeParts;

  constructor(parts: RawIntakeParts) {
    this.#parts = parts;
  }

  /**
   * Gives all messages their end and settles their records once that is durable. A record that waits for its configuration ends
   * the batch before it: `configuration_behind` is thrown, and the rest comes again, in order.
   */
  async take(batch: RecordBatch): Promise<void> {
    const { raw, recipes, grace, emit, parkedDevices, owners } = this.#parts;
    const parked = await parkedDevices.of(batch);
    await owners.caughtUp(batch.signal);
    const taken = takeMessages(batch, raw, recipes.recipeOf.bind(recipes), owners.standingOf.bind(owners));
    const { end, first } = awaited(taken, grace);
    if (first) emit.configurationAwaited({ partition: batch.partition, ...first });
    for (const chunk of chunksOf(taken, end, chunkMessagesMax)) {
      await endChunk(this.#parts, { batch, taken, chunk, pointsLane: batch.partition }, (ends) =>
        this.#give(batch, chunk, parked, ends),
      );
      batch.settle(chunk.end);
    }
    if (first) throw new MillraceError('configuration_behind', 'A message waits for the configuration of its device.');
  }

  async #give({ partition, signal }: RecordBatch, chunk: RawChunk, parked: ParkedPartition, ends: ChunkEnds) {
    const parking = new ChunkParking(parked, chunk.messages);
    const called = this.#toCall(chunk.messages, parking);
    const parsed = called.length > 0 ? await this.#parts.scripts.parse(called, signal) : [];
    let next = 0;
    for (const message of chunk.messages) {
      const result = called[next] === message ? parsed[next++] : undefined;
      this.#end(message, result, parking, ends);
    }
    // A parked message may be worked off at once, so what came before it has to be durable first.
    await ends.write(signal);
    await this.#park(partition, parking, parked, signal);
  }

  /** Whose scripts are called now; the devices of the others are held from their first message on. */
  #toCall(messages: readonly TakenMessage[], parking: ChunkParking): readonly ParsableMessage[] {
    const free = parsableOf(messages).filter((message) => !parking.holds(message));
    const reasons = this.#reasonsOf(free);
    if (reasons.size === 0) return free;
    return free.filter((message) => {
      const { script } = message.recipe;
      const reason = script && reasons.get(script);
      if (reason) parking.hold(message, reason);
      return !reason;
    });
  }

  /** Why scripts are not called now, for those that are not. */
  #reasonsOf(messages: readonly ParsableMessage[]): ReadonlyMap<Script, ParkingReason> {
    const { slowScripts, cpu } = this.#parts;
    const counts = new Map<Script, number>();
    for (const { recipe } of messages)
      if (recipe.script) counts.set(recipe.script, (counts.get(recipe.script) ?? 0) + 1);
    const reasons = new Map<Script, ParkingReason>();
    for (const script of counts.keys()) if (slowScripts.rests(script)) reasons.set(script, 'slow');
    const quick = [...counts].filter(([script]) => !reasons.has(script));
    for (const [tenant, scripts] of Map.groupBy(quick, ([script]) => script.tenant)) {
      const count = scripts.reduce((sum, [, ofScript]) => sum + ofScript, 0);
      if (!cpu.admitsFresh(tenant, count)) for (const [script] of scripts) reasons.set(script, 'budget');
    }
    return reasons;
  }

  /** `result`: undefined for what was not called. What follows a parked message of its device is parked, whatever came of it. */
  #end(message: TakenMessage, result: Parsed | undefined, parking: ChunkParking, ends: ChunkEnds): void {
    const missing = missingOf(message);
    if (missing) ends.putAside(message, missing);
    else if (parking.holds(message) || !result || !isParsable(message)) parking.add(message);
    else if ('code' in result && result.code === 'script_deferred') {
      if (message.recipe.script) this.#parts.slowScripts.wasSlow(message.recipe.script);
      parking.hold(message, 'slow');
      parking.add(message);
    } else ends.add(message, result);
  }

  async #park(partition: number, parking: ChunkParking, parked: ParkedPartition, signal: AbortSignal): Promise<void> {
    const { held, deviceKeys } = parking;
    if (held.length === 0) return;
    const { producer, parked: codec, parkedTopic: topic, hop, emit } = this.#parts;
    const receipt = await producer.send(parkedRecordsOf(held, { topic, partition, codec }), signal);
    const lastOffset = receipt.lastOffset(topic, partition);
    if (lastOffset === undefined) throw new MillraceError('internal', 'Kafka did not say where parked records are.');
    parked.park(deviceKeys, lastOffset);
    hop.parked(held.length);
    emit.messagesParked({ partition, messages: held.length, devices: deviceKeys.size, reason: held[0]!.reason });
  }
}
