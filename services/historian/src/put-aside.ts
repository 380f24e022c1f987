/** Dead letters of the historian: records that can never be stored, byte for byte. */
import type { DeadLetter, DeadLetterWriter, RecordBatch } from '@millrace/kafka';
import type { Clock } from '@millrace/kernel';
import type { RecordFailure } from './contribution.ts';
import type { HistorianEmitter } from './historian-events.ts';

export interface PutAsideOptions {
  readonly letters: Pick<DeadLetterWriter, 'write'>;
  readonly events: HistorianEmitter;
  readonly clock: Clock;
}

/** Resolves when the failed records are durable as dead letters; then, and only then, they may be settled. */
export async function putAside(
  { letters, events, clock }: PutAsideOptions,
  batch: RecordBatch,
  failures: readonly RecordFailure[],
): Promise<void> {
  const [first] = failures;
  if (!first) return;
  const { topic, partition, signal } = batch;
  await letters.write(
    failures.map((failure) => letterOf(batch, failure, clock.nowMs())),
    signal,
  );
  events.recordsPutAside({ topic, partition, records: failures.length, code: first.code, reason: first.reason });
}

function letterOf(batch: RecordBatch, { recordIndex, code, reason }: RecordFailure, timestampMs: number): DeadLetter {
  const { topic, partition, records } = batch;
  const { offset, key, value } = records[recordIndex]!;
  const stage = 'historian.store';
  return { topic, partition, offset, index: null, key, value, code, message: reason, stage, attempt: 1, timestampMs };
}
