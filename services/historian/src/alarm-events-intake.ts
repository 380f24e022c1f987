/** Takes batches of alarm events and stores them; few, so each batch is written by itself. */
import type { AlarmEvent } from '@millrace/contracts';
import type { RecordBatch } from '@millrace/kafka';
import type { Hop } from '@millrace/observe';
import type { AlarmEventWriter } from '@millrace/timeseries';
import type { RecordFailure } from './contribution.ts';
import { decodeRecords, type ValueDecoder } from './decode-records.ts';
import { putAside, type PutAsideOptions } from './put-aside.ts';

export interface AlarmEventsIntakeOptions extends PutAsideOptions {
  readonly decoder: ValueDecoder<AlarmEvent>;
  readonly writer: Pick<AlarmEventWriter, 'write'>;
  /** Creates the table before its first row. */
  readonly ensure: () => Promise<void>;
  readonly hop: Hop;
}

export class AlarmEventsIntake {
  readonly #options: AlarmEventsIntakeOptions;

  constructor(options: AlarmEventsIntakeOptions) {
    this.#options = options;
  }

  /** Resolves when every event is stored or a dead letter. Throws `retry: 'later'` while QuestDB or Kafka are away. */
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
    const { decoder, writer, ensure, events, hop } = this.#options;
    const alarmEvents: AlarmEvent[] = [];
    const recordIndexes: number[] = [];
    const undecodable = decodeRecords(batch.records, decoder, (alarmEvent, recordIndex) => {
      alarmEvents.push(alarmEvent);
      recordIndexes.push(recordIndex);
    });
    await ensure();
    const rejections = await writer.write(alarmEvents, batch.signal);
    const rejected = rejections.map(({ index, reason }): RecordFailure => {
      return { recordIndex: recordIndexes[index]!, code: 'row_rejected', reason };
    });
    await putAside(this.#options, batch, [...undecodable, ...rejected]);
    batch.settle(batch.records.length);
    events.alarmEventsStored({ events: alarmEvents.length - rejections.length });
    hop.out(alarmEvents.length - rejections.length);
    hop.deadLettered(undecodable.length + rejections.length);
  }
}
