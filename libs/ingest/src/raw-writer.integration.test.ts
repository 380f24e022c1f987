import { randomUUID } from 'node:crypto';
import { deviceKey, type RawBatch, type RawMessage, topics } from '@millrace/contracts';
import {
  BatchConsumer,
  connectRegistry,
  createKafka,
  ensureTopics,
  partitionOf,
  RecordProducer,
  type RecordBatch,
} from '@millrace/kafka';
import { testAddresses } from '@millrace/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { RawWriter } from './raw-writer.ts';
import { openAdmission } from './testing/held-writer.ts';
import { received } from './testing/received.ts';

const kafka = createKafka({ brokers: [testAddresses.kafka], clientId: 'millrace-test' });
const topic = { ...topics.raw, name: `test.${randomUUID().slice(0, 8)}.v1`, partitions: 3, retention: 1 };
const producer = new RecordProducer(kafka);
const codec = await connectRegistry({ url: testAddresses.registry }).codec<RawBatch>(topics.raw);

const limits = { lingerMs: 5, messagesInFlightMax: 10_000, bytesInFlightMax: 10_000_000 };
const gateway = { ingestor: 'gateway-1', protocol: 'http', connectionId: null, epoch: -1 };
const devices = Array.from({ length: 20 }, (_, device) => `device-${device}`);
const callsPerDevice = 25;

beforeAll(async () => {
  await ensureTopics(kafka, [topic], { mayCreate: true });
  await producer.connect();
});

afterAll(async () => {
  await producer.close();
  const admin = kafka.newClient().admin();
  await admin.deleteTopics({ topics: [topic.name] });
  await admin.disconnect();
});

test('what has a receipt is in Kafka once, under the id of the receipt, in order per device', async () => {
  const writer = new RawWriter({ producer, codec, admission: openAdmission, topic, ...gateway, ...limits });
  const ids = (await Promise.all(devices.map((device) => sendInTurn(writer, device)))).flat();
  await writer.close();
  const read = await readMessages(devices.length * callsPerDevice);
  expect(read.map(({ messageId }) => messageId.toString('hex')).toSorted()).toEqual(ids.toSorted());
  for (const device of devices) {
    const payloads = read.filter(({ deviceUid }) => deviceUid === device).map(({ payload }) => Number(payload));
    expect(payloads).toEqual([...Array(callsPerDevice).keys()]);
  }
});

/** The next message goes out before the receipt of the one before it, as a device that does not wait does. */
async function sendInTurn(writer: RawWriter, deviceUid: string): Promise<readonly string[]> {
  const calls = Array.from({ length: callsPerDevice }, (_, call) =>
    writer.accept([received({ deviceUid, payload: Buffer.from(String(call)) })]),
  );
  return (await Promise.all(calls)).flat().map((id) => Buffer.from(id).toString('hex'));
}

async function readMessages(count: number): Promise<readonly RawMessage[]> {
  const messages: RawMessage[] = [];
  const handle = (batch: RecordBatch): Promise<void> => {
    for (const { value } of batch.records) messages.push(...codec.decode(value!).messages.map(inPartition(batch)));
    return Promise.resolve();
  };
  const consumer = new BatchConsumer(kafka, { groupId: topic.name, topics: [topic.name], handle, onCrash: fail });
  await consumer.start();
  await vi.waitFor(() => expect(messages.length).toBeGreaterThanOrEqual(count), { timeout: 20_000 });
  await consumer.stop();
  return messages;
}

function inPartition({ partition }: RecordBatch) {
  return (message: RawMessage): RawMessage => {
    expect(partitionOf(deviceKey(message.tenant, message.deviceUid), topic.partitions)).toBe(partition);
    return message;
  };
}

function fail(error: unknown): never {
  throw error;
}
