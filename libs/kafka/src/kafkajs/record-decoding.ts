/**
 * Records of a fetched batch, without copies. kafkajs 2.2.4 computes each offset and time through BigInt and text and makes
 * a decoder for each record; this was most of the cost of consuming.
 */
import type { ConsumedRecord } from '../record-batch.ts';
import { VarintReader } from './varint.ts';

/** What all records of a batch share; as kafkajs has it, for the code of it that looks at it. */
export interface BatchContext {
  readonly firstOffset: string;
  readonly firstTimestamp: string;
  readonly maxTimestamp: string;
  /** 1: the broker's time of appending counts, which is `maxTimestamp`. */
  readonly timestampType: number;
  readonly isControlBatch: boolean;
  readonly inTransaction: boolean;
  readonly producerId: string;
  readonly magicByte: number;
}

type Headers = NonNullable<ConsumedRecord['headers']>;

const logAppendTime = 1;
const noHeaders: Headers = Object.freeze({});

/** As kafkajs' message; offset and time become text only when somebody reads them. */
export class DecodedRecord implements ConsumedRecord {
  readonly offsetNumber: number;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Headers;
  readonly batchContext: BatchContext;

  constructor(
    batchContext: BatchContext,
    offsetNumber: number,
    timestampMs: number,
    key: Buffer | null,
    value: Buffer | null,
    headers: Headers,
  ) {
    this.batchContext = batchContext;
    this.offsetNumber = offsetNumber;
    this.timestampMs = timestampMs;
    this.key = key;
    this.value = value;
    this.headers = headers;
  }

  get offset(): string {
    return String(this.offsetNumber);
  }

  get timestamp(): string {
    return String(this.timestampMs);
  }

  get isControlRecord(): boolean {
    return this.batchContext.isControlBatch;
  }

  get magicByte(): number {
    return this.batchContext.magicByte;
  }

  get attributes(): number {
    return 0;
  }
}

/** The records in `bytes` (decompressed), which keep this memory alive. Throws RangeError when they end too soon. */
export function decodeRecords(bytes: Buffer, count: number, context: BatchContext): readonly DecodedRecord[] {
  const firstOffset = Number(context.firstOffset);
  const isAppendTime = context.timestampType === logAppendTime;
  const firstTimeMs = Number(isAppendTime ? context.maxTimestamp : context.firstTimestamp);
  const reader = new VarintReader(bytes);
  const records: DecodedRecord[] = [];
  for (let index = 0; index < count; index += 1) {
    const end = reader.next() + reader.position;
    reader.position += 1; // attributes, of which Kafka uses none
    const timeDeltaMs = reader.next();
    const offset = firstOffset + reader.next();
    const timeMs = isAppendTime ? firstTimeMs : firstTimeMs + timeDeltaMs;
    const key = reader.nextBytes();
    const value = reader.nextBytes();
    records.push(new DecodedRecord(context, offset, timeMs, key, value, readHeaders(reader)));
    reader.position = end;
  }
  return records;
}

function readHeaders(reader: VarintReader): Headers {
  const count = reader.next();
  if (count <= 0) return noHeaders;
  // Names are anybody's: without a prototype `__proto__` is a name like any other.
  const headers = Object.create(null) as Record<string, Buffer | Buffer[]>;
  for (let index = 0; index < count; index += 1) {
    const name = String(reader.nextBytes() ?? '');
    const value = reader.nextBytes() ?? Buffer.alloc(0);
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}
