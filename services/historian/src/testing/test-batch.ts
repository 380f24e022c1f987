/** Batches of points without Kafka: a decoder that knows its values, and what was settled and committed. */
import { MillraceError, type DataRow, type DataRowList } from '@millrace/contracts';
import type { ConsumedRecord, RecordBatch } from '@millrace/kafka';

/** Values as JSON; the bytes of anything else cannot be decoded. */
export const jsonDecoder = {
  decode(bytes: Buffer): DataRowList {
    try {
      return JSON.parse(bytes.toString()) as DataRowList;
    } catch (cause) {
      throw new MillraceError('undecodable_record', 'The record is not JSON.', { cause });
    }
  },
};

export class TestBatch implements RecordBatch {
  readonly topic = 'telemetry.points.v1';
  readonly partition: number;
  readonly recordsBehind = 0;
  readonly records: readonly ConsumedRecord[];
  readonly signal: AbortSignal;
  settledBefore = 0n;
  committedBefore = 0n;

  constructor(partition: number, firstOffset: number, values: readonly (DataRowList | string)[], signal: AbortSignal) {
    this.partition = partition;
    this.signal = signal;
    this.records = values.map((value, index) => ({
      offset: String(firstOffset + index),
      key: null,
      value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
      timestamp: '0',
    }));
  }

  settle(count: number): void {
    this.settledBefore = BigInt(this.records[count - 1]!.offset) + 1n;
  }

  settleBefore(offset: bigint): void {
    this.settledBefore = offset;
  }

  commit(): Promise<void> {
    this.committedBefore = this.settledBefore;
    return Promise.resolve();
  }

  heartbeat(): Promise<void> {
    return Promise.resolve();
  }
}

/** A list of one row; a test names what matters to it. */
export function dataRowList(list: Partial<DataRowList> = {}, row: Partial<DataRow> = {}): DataRowList {
  return {
    messageId: Buffer.alloc(16),
    part: 0,
    tenant: 'acme',
    deviceUid: 'pump-1',
    identificationCode: null,
    timeMicros: 1_760_000_000_000_000,
    timeFromSender: true,
    receivedAtMicros: 1_760_000_000_250_000,
    sequence: 0,
    rows: [{ name: 'temperature', value: 21.5, quality: 0, timeOffsetMicros: 0, ordinal: 0, ...row }],
    rawPayload: null,
    rawPartition: 0,
    rawOffset: 0,
    rawIndex: 0,
    scriptVersion: '',
    warnings: [],
    ...list,
  };
}
