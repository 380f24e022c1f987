/** One batch of points through the alarms of its partition. The only place that decides what becomes of a record. */
import { type AlarmEvent, asMillraceError, type DataRowList, MillraceError } from '@millrace/contracts';
import {
  type AvroCodec,
  type ConsumedRecord,
  type DeadLetterWriter,
  ProducerFenced,
  type RecordBatch,
  TransactionUndecided,
} from '@millrace/kafka';
import type { Clock } from '@millrace/kernel';
import type { Emitter, Hop } from '@millrace/observe';
import { BatchProgress } from './batch-progress.ts';
import type { DeviceGrace } from './device-grace.ts';
import type { evaluatorEvents } from './evaluator-events.ts';
import type { OwnedPartition } from './owned-partition.ts';
import type { PartitionOwner } from './partition-owner.ts';

/** A transaction is one record batch per topic, at most 1 MiB: an event with its headers is about 600 bytes, uncompressed. */
const transitionsPerTransactionMax = 1_000;

/** Decoding and evaluating takes some 10 µs a record: the group hears of us well within the 500 ms it asks for. */
const recordsPerHeartbeat = 5_000;

export interface EvaluationParts {
  readonly owner: PartitionOwner;
  readonly points: Pick<AvroCodec<DataRowList>, 'decode'>;
  readonly deadLetters: Pick<DeadLetterWriter, 'write'>;
  readonly grace: DeviceGrace;
  readonly isDeleted: (tenant: string) => boolean;
  readonly hop: Hop;
  readonly emit: Emitter<typeof evaluatorEvents>;
  /** Called with the events of a transaction once they are stored. */
  readonly onStored: (events: readonly AlarmEvent[]) => void;
  readonly clock: Clock;
}

export class Evaluation {
  readonly #parts: EvaluationParts;

  constructor(parts: EvaluationParts) {
    this.#parts = parts;
  }

  /**
   * Evaluates all records; what changed is stored with the offset it covers. After an error nothing of what is not stored
   * has happened: the state is dropped, and the records come again to whoever owns the partition then.
   */
  async evaluate(batch: RecordBatch): Promise<void> {
    const progress = new BatchProgress(batch);
    const { hop } = this.#parts;
    hop.in(batch.records.length);
    try {
      const owned = await this.#parts.owner.of(batch);
      await this.#evaluateAll(batch, owned, progress);
    } catch (error) {
      this.#parts.owner.drop(batch.partition);
      batch.settle(progress.stored);
      hop.givenBack(batch.records.length - progress.stored);
      throw await this.#toThrow(error, batch);
    }
  }

  async #evaluateAll(batch: RecordBatch, owned: OwnedPartition, progress: BatchProgress): Promise<void> {
    const { records, partition } = batch;
    const repeated = countBefore(records, owned.resumeOffset);
    progress.repeated = repeated;
    for (let index = repeated; index < records.length; index++) {
      const record = records[index] as ConsumedRecord;
      if (index % recordsPerHeartbeat === recordsPerHeartbeat - 1) await batch.heartbeat();
      const list = this.#decode(record, progress);
      if (list) {
        const evaluated = owned.alarms.evaluate(list) ?? (await this.#evaluateLater(list, owned, batch, progress));
        if (evaluated === undefined) this.#leaveOut(record, list, progress);
        else progress.points += evaluated;
      }
      if (owned.alarms.waiting >= transitionsPerTransactionMax) await this.#store(batch, owned, progress, index + 1);
    }
    await this.#store(batch, owned, progress, records.length);
    this.#parts.emit.pointsEvaluated({ partition, points: progress.points });
  }

  /** Makes everything before `end` durable: dead letters first, so that no record is done before its letter is written. */
  async #store(batch: RecordBatch, owned: OwnedPartition, progress: BatchProgress, end: number): Promise<void> {
    const { deadLetters, emit, onStored, hop, clock } = this.#parts;
    const { partition, records, signal } = batch;
    if (progress.letters.length > 0) {
      await deadLetters.write(progress.lettersAt(clock.nowMs()), signal);
      emit.recordsPutAside({ partition, records: progress.letters.length, ...progress.firstReason });
    }
    if (progress.dropped > 0) emit.recordsDropped({ partition, records: progress.dropped });
    if (owned.alarms.waiting > 0) {
      signal.throwIfAborted();
      const last = records[end - 1] as ConsumedRecord;
      const events = await owned.store(BigInt(last.offset) + 1n);
      emit.transitionsStored({ partition, transitions: events.length });
      onStored(events);
    } else batch.settle(end);
    progress.count(hop, end);
  }

  #decode(record: ConsumedRecord, progress: BatchProgress): DataRowList | undefined {
    try {
      if (record.value === null) throw new MillraceError('undecodable_record', 'The record has no value.');
      return this.#parts.points.decode(record.value);
    } catch (error) {
      const failure = asMillraceError(error);
      if (failure.retry !== 'never') throw failure;
      progress.putAside(record, failure);
      return undefined;
    }
  }

  /** Nothing of a deleted tenant is kept, so no dead letter either. */
  #leaveOut(record: ConsumedRecord, { tenant }: DataRowList, progress: BatchProgress): void {
    if (this.#parts.isDeleted(tenant)) progress.dropped += 1;
    else progress.putAside(record, unknownDevice);
  }

  async #evaluateLater(
    list: DataRowList,
    owned: OwnedPartition,
    { signal }: RecordBatch,
    progress: BatchProgress,
  ): Promise<number | undefined> {
    const { grace, clock } = this.#parts;
    const startMs = (progress.graceStartMs ??= clock.monotonicMs());
    const known = await grace.arrives(list.tenant, list.deviceUid, startMs, signal);
    return known ? owned.alarms.evaluate(list) : undefined;
  }

  /** What the consumer is told: Kafka's troubles and lost ownership are no defects, the records are read again. */
  async #toThrow(error: unknown, batch: RecordBatch): Promise<unknown> {
    const { emit } = this.#parts;
    const { partition } = batch;
    if (error instanceof ProducerFenced) {
      emit.partitionFenced({ partition });
      // Ask the group before the partition is taken over again: it may long be somebody else's.
      await batch.heartbeat();
      return new MillraceError('stream_unavailable', 'Another owner had taken over the partition.', { cause: error });
    }
    if (error instanceof TransactionUndecided) {
      emit.transactionUndecided({ partition, reason: error.message });
      return new MillraceError('stream_unavailable', error.message, { cause: error });
    }
    return error;
  }
}

const unknownDevice = new MillraceError('unknown_device', 'The configuration has no such device.');

/** How many records lie before the offset; almost always none, so only the first is looked at. */
function countBefore(records: readonly ConsumedRecord[], offset: bigint): number {
  if (BigInt(records[0]?.offset ?? 0) >= offset) return 0;
  const first = records.findIndex((record) => BigInt(record.offset) >= offset);
  return first === -1 ? records.length : first;
}
