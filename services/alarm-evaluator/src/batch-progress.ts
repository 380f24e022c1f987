/** How far the evaluation of a batch is, and what became of its records so far. */
import type { ErrorCode, MillraceError } from '@millrace/contracts';
import type { ConsumedRecord, DeadLetter, RecordBatch } from '@millrace/kafka';
import type { Hop } from '@millrace/observe';

type UnsentLetter = Omit<DeadLetter, 'timestampMs'>;

export class BatchProgress {
  readonly #batch: Pick<RecordBatch, 'topic' | 'partition'>;
  /** Records before this index are durable. */
  stored = 0;
  /** At the beginning of the batch: evaluated before, by whoever stored the checkpoint. */
  repeated = 0;
  points = 0;
  /** Records of deleted tenants that are not counted yet. */
  dropped = 0;
  /** When the batch began to wait for an unknown device, monotonic. */
  graceStartMs: number | undefined;
  letters: UnsentLetter[] = [];

  constructor(batch: Pick<RecordBatch, 'topic' | 'partition'>) {
    this.#batch = batch;
  }

  putAside({ offset, key, value }: ConsumedRecord, { code, message }: MillraceError): void {
    const { topic, partition } = this.#batch;
    const stage = 'alarm-evaluator.evaluate';
    this.letters.push({ topic, partition, offset, index: null, key, value, code, message, stage, attempt: 1 });
  }

  lettersAt(timestampMs: number): readonly DeadLetter[] {
    return this.letters.map((letter) => ({ ...letter, timestampMs }));
  }

  /** Of the letters; one line per batch is enough, the letters have the rest. */
  get firstReason(): { readonly code: ErrorCode; readonly reason: string } {
    const [first] = this.letters;
    return { code: first?.code ?? 'internal', reason: first?.message ?? '' };
  }

  /** Everything before index `end` is durable; all records of the batch were counted in before. */
  count(hop: Hop, end: number): void {
    const messages = end - this.stored;
    hop.repeated(this.repeated);
    hop.deadLettered(this.letters.length);
    if (this.dropped > 0) hop.rejected('tenant_deleted', this.dropped);
    hop.out(messages - this.repeated - this.letters.length - this.dropped);
    this.stored = end;
    this.repeated = 0;
    this.dropped = 0;
    this.letters = [];
  }
}
