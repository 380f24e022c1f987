/** Reads a topic with a group of its own and writes each record, decoded, as a line of JSON. */
import { randomUUID } from 'node:crypto';
import { topics, type Topic } from '@millrace/contracts';
import { connectRegistry, type ConsumedRecord, createKafka, type Kafka } from '@millrace/kafka';
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

/** Stopping waits for a fetch that is on its way. */
const fetchWaitMsMax = 200;

/** Resolves when `recordsMax` records were written or the signal fired. */
export async function printRecords(
  wanted: RecordsWanted,
  write: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const topic = topicNamed(wanted.topicName);
  const kafka = createKafka({ brokers: wanted.brokers, clientId: 'millrace-consume' });
  const decode = await decoderOf(topic, wanted.registryUrl, signal);
  const groupId = `millrace.consume.${randomUUID()}`;
  // Not the consumer of the services: that one always begins where its group has stopped.
  const consumer = kafka.newClient().consumer({ groupId, maxWaitTimeInMs: fetchWaitMsMax });
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => end());
  consumer.on(consumer.events.CRASH, ({ payload }) => fail(payload.error));
  let left = wanted.recordsMax;
  try {
    await consumer.connect();
    await consumer.subscribe({ topic: topic.name, fromBeginning: wanted.fromBeginning });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { topic: name, partition, messages } }) => {
        const values = await decode(messages);
        for (const [index, record] of messages.entries()) {
          if (left === 0) break;
          write(jsonLine({ topic: name, partition }, record, values[index]));
          left -= 1;
        }
        if (left === 0) end();
      },
    });
    if (left === 0 || signal.aborted) end();
    await ended;
  } finally {
    await consumer.disconnect();
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

type Decode = (records: readonly ConsumedRecord[]) => Promise<readonly unknown[]>;

/** Dead letters hold what could not be decoded: they are shown as bytes. */
async function decoderOf(topic: Topic, registryUrl: string, signal: AbortSignal): Promise<Decode> {
  if (!topic.schema) return (records) => Promise.resolve(records.map(({ value }) => value));
  const registry = connectRegistry({ url: registryUrl });
  const codec = await registry.codec<unknown>(topic, signal);
  return async (records) => {
    await registry.prepare(records);
    return records.map(({ value }) => (value === null ? null : codec.decode(value)));
  };
}

/** Left behind, the group would show up in lag reports for days. */
async function forget(kafka: Kafka, groupId: string): Promise<void> {
  const admin = kafka.newClient().admin();
  await admin.connect();
  await admin.deleteGroups([groupId]).catch(() => {});
  await admin.disconnect();
}
