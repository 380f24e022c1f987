/** One batch of raw records through the scripts. The only place that decides what becomes of a message. */
import { type DataRowList, deviceKey, MillraceError, type RawBatch, topics } from '@millrace/contracts';
import {
  type AvroCodec,
  type DeadLetter,
  type DeadLetterWriter,
  type OutgoingRecord,
  partitionOf,
  type RecordBatch,
  recordBytesMax,
  type RecordProducer,
} from '@millrace/kafka';
import type { Clock } from '@millrace/kernel';
import type { Hop } from '@millrace/observe';
import type { PointsCharge, PointsGate } from '@millrace/quotas';
import type { ConfigurationGrace } from './configuration-grace.ts';
import { dataRowListsOf } from './data-row-list.ts';
import type { DevicesByCode } from './message-parts.ts';
import type { ParserEmitter } from './parser-events.ts';
import { letterOfMessage, letterOfRecord } from './put-aside.ts';
import { chunksOf, type RawChunk } from './raw-chunk.ts';
import type { RecipeBook } from './recipe.ts';
import type { ParsableMessage, Parsed, ScriptBatches } from './script-batches.ts';
import { type Failure, type TakenMessage, takeMessages, type TakenRecord } from './taken-messages.ts';

export interface RawIntakeParts {
  readonly raw: Pick<AvroCodec<RawBatch>, 'decode' | 'encode'>;
  readonly points: Pick<AvroCodec<DataRowList>, 'encode'>;
  readonly pointsTopic: string;
  readonly recipes: Pick<RecipeBook, 'recipeOf'>;
  readonly devices: DevicesByCode;
  readonly grace: ConfigurationGrace;
  readonly scripts: Pick<ScriptBatches, 'parse'>;
  readonly gate: Pick<PointsGate, 'charge'>;
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly deadLetters: Pick<DeadLetterWriter, 'write'>;
  readonly hop: Hop;
  readonly emit: ParserEmitter;
  readonly clock: Clock;
}

/** Parsed, written and settled together: enough for large script calls, little enough to hold one per partition in memory. */
const chunkMessagesMax = 2_000;

/** A record's key and what Kafka adds to it. */
const recordOverheadBytes = 256;

/** What became of a chunk's messages, in order. */
interface Outcome {
  readonly records: OutgoingRecord[];
  readonly letters: DeadLetter[];
  /** Those that the records are of. */
  messages: number;
  rows: number;
  /** Messages of tenants that were deleted. */
  dropped: number;
}

export class RawIntake {
  readonly #parts: RawIntakeParts;

  constructor(parts: RawIntakeParts) {
    this.#parts = parts;
  }

  /**
   * Parses all records and settles them once their points and dead letters are durable. A record that waits for its
   * configuration ends the batch before it: `configuration_behind` is thrown, and the rest comes again, in order.
   */
  async take(batch: RecordBatch): Promise<void> {
    const { raw, recipes } = this.#parts;
    const recipeOf = recipes.recipeOf.bind(recipes);
    const taken = takeMessages(batch.records, { decoder: raw, recipeOf });
    const end = this.#firstThatWaits(batch, taken);
    for (const chunk of chunksOf(taken, end, chunkMessagesMax)) {
      await this.#parse(batch, taken, chunk);
      batch.settle(chunk.end);
    }
    if (end < taken.length)
      throw new MillraceError('configuration_behind', 'A message waits for the configuration of its device.');
  }

  /** Looks at every message, so that the time of all that is missing runs at once. */
  #firstThatWaits({ partition, records }: RecordBatch, taken: readonly TakenRecord[]): number {
    let first: TakenMessage | undefined;
    for (const { messages } of taken) for (const message of messages) if (this.#waits(message)) first ??= message;
    if (!first) return taken.length;
    const missing = 'detail' in first.recipe ? first.recipe.detail : '';
    this.#parts.emit.configurationAwaited({ partition, offset: records[first.recordIndex]!.offset, missing });
    return first.recordIndex;
  }

  #waits({ message: { tenant, deviceUid }, recipe }: TakenMessage): boolean {
    if (!('code' in recipe) || recipe.code === 'tenant_deleted') return false;
    return this.#parts.grace.mayStillArrive(`${recipe.code} ${deviceKey(tenant, deviceUid)}`);
  }

  async #parse(batch: RecordBatch, taken: readonly TakenRecord[], chunk: RawChunk): Promise<void> {
    const { hop, gate } = this.#parts;
    const held = chunk.messages.length + undecodableIn(taken, chunk);
    const charge = gate.charge(batch.partition);
    hop.in(held);
    try {
      await this.#parseHeld(batch, taken, chunk, charge);
    } catch (error) {
      charge.undo();
      hop.givenBack(held);
      throw error;
    }
    charge.settle();
  }

  async #parseHeld(
    batch: RecordBatch,
    taken: readonly TakenRecord[],
    chunk: RawChunk,
    charge: PointsCharge,
  ): Promise<void> {
    const { scripts, producer, deadLetters, hop, emit } = this.#parts;
    const { partition, signal } = batch;
    const parsable = chunk.messages.filter(isParsable);
    const parsed = parsable.length > 0 ? await scripts.parse(parsable, signal) : [];
    const { records, letters, messages, rows, dropped } = this.#outcomeOf(batch, taken, chunk, parsed, charge);
    await Promise.all([
      records.length > 0 && producer.send(records, signal),
      letters.length > 0 && deadLetters.write(letters, signal),
    ]);
    hop.out(messages);
    hop.deadLettered(letters.length);
    if (dropped > 0) {
      hop.rejected('tenant_deleted', dropped);
      emit.messagesDropped({ partition, messages: dropped });
    }
    emit.messagesParsed({ partition, messages, rows });
    this.#tellOf(letters, partition);
  }

  #outcomeOf(
    batch: RecordBatch,
    taken: readonly TakenRecord[],
    chunk: RawChunk,
    parsed: readonly Parsed[],
    charge: PointsCharge,
  ): Outcome {
    const outcome: Outcome = { records: [], letters: [], messages: 0, rows: 0, dropped: 0 };
    const nowMs = this.#parts.clock.nowMs();
    for (let at = chunk.from; at < chunk.end; at += 1) {
      const { raw } = taken[at]!;
      if ('code' in raw) outcome.letters.push(letterOfRecord(batch, at, raw, nowMs));
    }
    let next = 0;
    for (const message of chunk.messages) {
      const result = isParsable(message)
        ? this.#recordsOf(batch, message, parsed[next++]!, charge, outcome)
        : message.recipe;
      if (!result || !('code' in result)) continue;
      if (result.code === 'tenant_deleted') outcome.dropped += 1;
      else this.#putAside(batch, taken, message, result, nowMs, outcome);
    }
    return outcome;
  }

  /** Adds the message's records to the outcome; gives the failure when there are none. */
  #recordsOf(
    batch: RecordBatch,
    message: ParsableMessage,
    parsed: Parsed,
    charge: PointsCharge,
    outcome: Outcome,
  ): Failure | undefined {
    if ('code' in parsed) return parsed;
    const { points, pointsTopic, devices } = this.#parts;
    const { offset, timestamp } = batch.records[message.recordIndex]!;
    const place = { partition: batch.partition, offset: Number(offset), index: message.index };
    const lists = dataRowListsOf(message.message, message.recipe, parsed, place, devices);
    if ('code' in lists) return lists;
    const values = lists.map((list) => points.encode(list));
    const bytes = values.reduce((most, { length }) => Math.max(most, length), 0);
    if (bytes > recordBytesMax - recordOverheadBytes)
      return { code: 'script_result', detail: `The rows take ${bytes} bytes, which is too much for one record.` };
    const refusal = charge.take(message.message.tenant, parsed.rows.length, Number(timestamp));
    if (refusal) return refusal;
    for (const [part, list] of lists.entries()) {
      const key = deviceKey(list.tenant, list.deviceUid);
      const partition = part === 0 ? batch.partition : partitionOf(key, topics.points.partitions);
      outcome.records.push({ topic: pointsTopic, partition, key, value: values[part]! });
    }
    outcome.messages += 1;
    outcome.rows += parsed.rows.length;
    return undefined;
  }

  #putAside(
    batch: RecordBatch,
    taken: readonly TakenRecord[],
    message: TakenMessage,
    failure: Failure,
    nowMs: number,
    { letters }: Outcome,
  ): void {
    const { raw } = taken[message.recordIndex]!;
    if ('messages' in raw) letters.push(letterOfMessage(batch, message, raw, failure, this.#parts.raw, nowMs));
  }

  /** One line per batch: the first reason stands for all. */
  #tellOf(letters: readonly DeadLetter[], partition: number): void {
    const [first] = letters;
    if (first)
      this.#parts.emit.messagesPutAside({
        partition,
        messages: letters.length,
        code: first.code,
        reason: first.message,
      });
  }
}

/** Each counts as one message, because nobody knows what is in it. */
function undecodableIn(taken: readonly TakenRecord[], { from, end }: RawChunk): number {
  let count = 0;
  for (let at = from; at < end; at += 1) if ('code' in taken[at]!.raw) count += 1;
  return count;
}

function isParsable(message: TakenMessage): message is ParsableMessage {
  return 'variables' in message.recipe;
}
