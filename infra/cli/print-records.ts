/** Reads a topic with a group of its own and writes each record, decoded, as a line of JSON. */
import { randomUUID } from 'node:crypto';
import { topics, type Topic } from '@millrace/contracts';
import { BatchConsumer, connectRegistry, createKafka, type Kafka, type RecordBatch } from '@millrace/kafka';
import { UserError } from '../stack/user-error.ts';
import { jsonLine } from './record-line.ts';

export interface RecordsWanted {
  readonly topicName: string;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  /** False: only what comes from now on. */
  readonly fromBeginning: boolean;
  readonly recordsMax: number;
}

/** Resolves when `recordsMax` records were written or the signal fired. */
export async function printRecords(
  wanted: RecordsWanted,
  write: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const topic = topicNamed(wanted.topicName);
  const kafka = createKafka({ brokers: wanted.brokers, clientId: 'millrace-consume' });
  const groupId = `millrace.consume.${randomUUID()}`;
  if (!wanted.fromBeginning) await beginAtEnd(kafka, groupId, topic.name);
  const decode = await decoderOf(topic, wanted.registryUrl, signal);
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<void>();
  let left = wanted.recordsMax;
  if (left === 0 || signal.aborted) end();
  signal.addEventListener('abort', () => end());
  const handle = async (batch: RecordBatch): Promise<void> => {
    const values = await decode(batch);
    for (const [index, record] of batch.records.entries()) {
      if (left === 0) break;
      write(jsonLine(batch, record, values[index]));
      left -= 1;
    }
    if (left === 0) end();
  };
  const consumer = new BatchConsumer(kafka, { groupId, topics: [topic.name], handle, onCrash: fail, concurrency: 1 });
  await consumer.start(signal);
  try {
    await ended;
  } finally {
    await consumer.stop();
    await forget(kafka, groupId);
  }
}

function topicNamed(name: string): Topic {
  const known: readonly Topic[] = Object.values(topics);
  const topic = known.find((one) => one.name === name);
  if (topic) return topic;
  throw new UserError(`There is no topic ${name}; there are ${known.map((one) => one.name).join(', ')}.`, {
    exitCode: 2,
  });
}

type Decode = (batch: RecordBatch) => Promise<readonly unknown[]>;

/** Dead letters hold what could not be decoded: they are shown as bytes. */
async function decoderOf(topic: Topic, registryUrl: string, signal: AbortSignal): Promise<Decode> {
  if (!topic.schema) return ({ records }) => Promise.resolve(records.map(({ value }) => value));
  const registry = connectRegistry({ url: registryUrl });
  const codec = await registry.codec<unknown>(topic, signal);
  return async ({ records }) => {
    await registry.prepare(records);
    return records.map(({ value }) => (value === null ? null : codec.decode(value)));
  };
}

/** A consumer of ours begins at the beginning where its group has no offsets; so it is given some. */
async function beginAtEnd(kafka: Kafka, groupId: string, topic: string): Promise<void> {
  const admin = kafka.newClient().admin();
  await admin.connect();
  await admin.resetOffsets({ groupId, topic, earliest: false });
  await admin.disconnect();
}

/** Left behind, the group would show up in lag reports for days. */
async function forget(kafka: Kafka, groupId: string): Promise<void> {
  const admin = kafka.newClient().admin();
  await admin.connect();
  await admin.deleteGroups([groupId]).catch(() => {});
  await admin.disconnect();
}
