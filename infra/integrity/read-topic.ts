/** All records of a topic up to where it ends now, in the order of each partition; those of aborted transactions are left out. */
import type { Topic } from '@millrace/contracts';
import { connectRegistry, type ConsumedRecord, createKafka, readToEnd } from '@millrace/kafka';
import type { Stack } from '../stack/index.ts';

/** A topic of half an hour at the plant's rate takes a quarter of it. */
const readMsMax = 120_000;

/** A stack, or what knows its addresses. */
export type StackAddresses = Pick<Stack, 'address'>;

export interface ReadRecord {
  readonly partition: number;
  readonly record: ConsumedRecord;
}

export interface ReadValue<T> {
  readonly partition: number;
  readonly key: string;
  readonly value: T;
}

/** Decoded; tombstones are left out. */
export async function readTopic<T>(stack: StackAddresses, topic: Topic): Promise<ReadValue<T>[]> {
  const registry = connectRegistry({ url: stack.address('registry') });
  const codec = await registry.codec<T>(topic);
  const records = await readRecords(stack, topic.name);
  await registry.prepare(records.map(({ record }) => record));
  return records.flatMap(({ partition, record: { key, value } }) => {
    const decoded = value && decodedOrNone(() => codec.decode(value));
    return decoded ? [{ partition, key: key?.toString() ?? '', value: decoded }] : [];
  });
}

export async function readRecords(stack: StackAddresses, topic: string): Promise<ReadRecord[]> {
  const records: ReadRecord[] = [];
  await eachBatch(stack, topic, (partition, batch) => {
    for (const record of batch) records.push({ partition, record });
  });
  return records;
}

/** Hands the records over as they are read, for topics that are too large to keep. */
export async function eachBatch(
  stack: StackAddresses,
  topic: string,
  handle: (partition: number, records: readonly ConsumedRecord[]) => void | Promise<void>,
): Promise<void> {
  const kafka = createKafka({ brokers: [stack.address('kafka')], clientId: 'integrity' });
  const onRecords = async (_topic: string, partition: number, records: readonly ConsumedRecord[]): Promise<void> =>
    handle(partition, records);
  await readToEnd(kafka, topic, onRecords, AbortSignal.timeout(readMsMax));
}

/** A test may have put a record there that is of no schema. */
function decodedOrNone<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}
