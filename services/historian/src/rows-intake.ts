/** Takes batches of records that become one row each and stores them; few, so each batch is written by itself. */
import type { RecordBatch } from '@millrace/kafka';
import type { Hop } from '@millrace/observe';
import type { RowWriter } from '@millrace/timeseries';
import type { RecordFailure } from './contribution.ts';
import { decodeRecords, type ValueDecoder } from './decode-records.ts';
import { putAside, type PutAsideOptions } from './put-aside.ts';

export interface RowsIntakeOptions<T extends { readonly tenant: string }> extends PutAsideOptions {
  readonly decoder: ValueDecoder<T>;
  readonly writer: Pick<RowWriter<T>, 'write'>;
  /** Creates the table before its first row. */
  readonly ensure: () => Promise<void>;
  readonly onStored: (rows: number) => void;
  /** Nothing of such a tenant is stored. */
  readonly isDeleted: (tenant: string) => boolean;
  readonly hop: Hop;
}

export class RowsIntake<T extends { readonly tenant: string }> {
  readonly #options: RowsIntakeOptions<T>;

  constructor(options: RowsIntakeOptions<T>) {
    this.#options = options;
  }

  /** Resolves when every record is a row, a dead letter or of a deleted tenant. Throws `retry: 'later'` while QuestDB or Kafka are away. */
  async store(batch: RecordBatch): Promise<void> {
    const { hop } = this.#options;
    hop.in(batch.records.length);
    try {
      await this.#storeHeld(batch);
    } catch (error) {
      hop.givenBack(batch.records.length);
      throw error;
    }
  }

  async #storeHeld(batch: RecordBatch): Promise<void> {
    const { decoder, writer, ensure, onStored, isDeleted, hop } = this.#options;
    const items: T[] = [];
    const recordIndexes: number[] = [];
    let dropped = 0;
    const undecodable = decodeRecords(batch.records, decoder, (item, recordIndex) => {
      if (isDeleted(item.tenant)) {
        dropped += 1;
        return;
      }
      items.push(item);
      recordIndexes.push(recordIndex);
    });
    await ensure();
    const rejections = await writer.write(items, batch.signal);
    const rejected = rejections.map(({ index, reason }): RecordFailure => {
      return { recordIndex: recordIndexes[index]!, code: 'row_rejected', reason };
    });
    await putAside(this.#options, batch, [...undecodable, ...rejected]);
    batch.settle(batch.records.length);
    onStored(items.length - rejections.length);
    hop.out(items.length - rejections.length);
    if (dropped > 0) hop.rejected('tenant_deleted', dropped);
    hop.deadLettered(undecodable.length + rejections.length);
  }
}
