/**
 * What becomes of the messages of a chunk: collected one by one, in order, written together, counted when all of it is durable.
 * Fresh and parked messages end here alike.
 */
import { type DataRowList, deviceKey, type RawBatch, topics } from '@millrace/contracts';
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
import type { DecodedUplink } from '@millrace/sandbox';
import { dataRowListsOf } from './data-row-list.ts';
import type { DevicesByCode } from './message-parts.ts';
import type { ParserEmitter } from './parser-events.ts';
import { letterOfMessage, letterOfRecord } from './put-aside.ts';
import type { RawChunk } from './raw-chunk.ts';
import type { Parsed } from './script-calls.ts';
import {
  type Failure,
  isParsable,
  type ParsableMessage,
  type StaleMessages,
  type TakenMessage,
  type TakenRecord,
} from './taken-messages.ts';

export interface EndParts {
  readonly raw: Pick<AvroCodec<RawBatch>, 'encode'>;
  readonly points: Pick<AvroCodec<DataRowList>, 'encode'>;
  readonly pointsTopic: string;
  readonly devices: DevicesByCode;
  readonly gate: Pick<PointsGate, 'charge'>;
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly deadLetters: Pick<DeadLetterWriter, 'write'>;
  readonly hop: Hop;
  readonly emit: ParserEmitter;
  readonly clock: Clock;
}

/** A record's key and what Kafka adds to it. */
const recordOverheadBytes = 256;

export class ChunkEnds {
  readonly #parts: EndParts;
  readonly #partition: number;
  readonly #charge: PointsCharge;
  readonly #nowMs: number;
  readonly #records: OutgoingRecord[] = [];
  readonly #letters: DeadLetter[] = [];
  /** Those that the records are of. */
  #messages = 0;
  #rows = 0;
  /** Messages of tenants that were deleted. */
  #dropped = 0;

  constructor(parts: EndParts, partition: number, charge: PointsCharge) {
    this.#parts = parts;
    this.#partition = partition;
    this.#charge = charge;
    this.#nowMs = parts.clock.nowMs();
  }

  /** Its points, or why there are none. */
  add(message: ParsableMessage, parsed: Parsed): void {
    const failure = 'code' in parsed ? parsed : this.#addPoints(message, parsed);
    if (failure) this.putAside(message, failure);
  }

  /** Of a deleted tenant nothing is kept. */
  putAside(message: TakenMessage, failure: Failure): void {
    if (failure.code === 'tenant_deleted') this.#dropped += 1;
    else this.#letters.push(letterOfMessage(message, failure, this.#parts.raw, this.#nowMs));
  }

  /** What of these records cannot be decoded. */
  putAsideUndecodable(batch: RecordBatch, taken: readonly TakenRecord[], { from, end }: RawChunk): void {
    for (let at = from; at < end; at += 1) {
      const { failure } = taken[at]!;
      if (failure) this.#letters.push(letterOfRecord(batch, at, failure, this.#nowMs));
    }
  }

  /** Resolves when all is durable. */
  async write(signal: AbortSignal): Promise<void> {
    const { producer, deadLetters } = this.#parts;
    await Promise.all([
      this.#records.length > 0 && producer.send(this.#records, signal),
      this.#letters.length > 0 && deadLetters.write(this.#letters, signal),
    ]);
  }

  count(stale: StaleMessages): void {
    const { hop, emit } = this.#parts;
    hop.out(this.#messages);
    hop.deadLettered(this.#letters.length);
    if (this.#dropped > 0) {
      hop.rejected('tenant_deleted', this.#dropped);
      emit.messagesDropped({ partition: this.#partition, messages: this.#dropped });
    }
    this.#countStale(stale);
    emit.messagesParsed({ partition: this.#partition, messages: this.#messages, rows: this.#rows });
    this.#tellOfLetters();
  }

  #countStale({ dropped, kept }: StaleMessages): void {
    const { hop, emit } = this.#parts;
    if (dropped > 0) {
      hop.rejected('stale_owner', dropped);
      emit.staleMessagesDropped({ partition: this.#partition, messages: dropped });
    }
    if (kept > 0) emit.staleMessagesKept({ partition: this.#partition, messages: kept });
  }

  #addPoints(message: ParsableMessage, parsed: DecodedUplink): Failure | undefined {
    const { points, pointsTopic: topic, devices } = this.#parts;
    const { origin, index, recipe } = message;
    const place = { partition: origin.partition, offset: Number(origin.offset), index };
    const lists = dataRowListsOf(message.message, recipe, parsed, place, devices);
    if ('code' in lists) return lists;
    const values = lists.map((list) => points.encode(list));
    const bytes = values.reduce((most, { length }) => Math.max(most, length), 0);
    if (bytes > recordBytesMax - recordOverheadBytes)
      return { code: 'script_result', detail: `The rows take ${bytes} bytes, which is too much for one record.` };
    const refusal = this.#charge.take(message.message.tenant, parsed.rows.length, origin.timestampMs);
    if (refusal) return refusal;
    for (const [part, list] of lists.entries()) {
      const key = deviceKey(list.tenant, list.deviceUid);
      const partition = part === 0 ? this.#partition : partitionOf(key, topics.points.partitions);
      this.#records.push({ topic, partition, key, value: values[part]! });
    }
    this.#messages += 1;
    this.#rows += parsed.rows.length;
    return undefined;
  }

  /** One line per chunk: the first reason stands for all. */
  #tellOfLetters(): void {
    const [first] = this.#letters;
    if (!first) return;
    const { code, message: reason } = first;
    this.#parts.emit.messagesPutAside({ partition: this.#partition, messages: this.#letters.length, code, reason });
  }
}

/** A chunk, with the batch and the records it is of. */
export interface ChunkAtHand {
  readonly batch: RecordBatch;
  readonly taken: readonly TakenRecord[];
  readonly chunk: RawChunk;
  /** Of the quota of points: a part of the work with a time of its own. */
  readonly pointsLane: number;
}

/**
 * Counts the messages of the chunk as taken while `give` gives them their ends and writes them; when that fails nothing became of
 * them, and they will come again.
 */
export async function endChunk(
  parts: EndParts,
  { batch, taken, chunk, pointsLane }: ChunkAtHand,
  give: (ends: ChunkEnds) => Promise<void>,
): Promise<void> {
  const { hop, gate } = parts;
  const stale = staleIn(taken, chunk);
  const held = chunk.messages.length + undecodableIn(taken, chunk) + stale.dropped;
  const charge = gate.charge(pointsLane);
  const ends = new ChunkEnds(parts, batch.partition, charge);
  hop.in(held);
  try {
    ends.putAsideUndecodable(batch, taken, chunk);
    await give(ends);
  } catch (error) {
    charge.undo();
    hop.givenBack(held);
    throw error;
  }
  ends.count(stale);
  charge.settle();
}

/** Each counts as one message, because nobody knows what is in it. */
function undecodableIn(taken: readonly TakenRecord[], { from, end }: RawChunk): number {
  let count = 0;
  for (let at = from; at < end; at += 1) if (taken[at]!.failure) count += 1;
  return count;
}

function staleIn(taken: readonly TakenRecord[], { from, end }: RawChunk): StaleMessages {
  let [dropped, kept] = [0, 0];
  for (let at = from; at < end; at += 1) {
    const { stale } = taken[at]!;
    dropped += stale.dropped;
    kept += stale.kept;
  }
  return { dropped, kept };
}

/** Why a message without a recipe has none. */
export function missingOf({ recipe }: TakenMessage): Failure | undefined {
  return 'code' in recipe ? recipe : undefined;
}

/** Those that can be parsed. */
export function parsableOf(messages: readonly TakenMessage[]): readonly ParsableMessage[] {
  return messages.filter(isParsable);
}
