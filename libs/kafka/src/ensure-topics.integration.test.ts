import type { Topic } from '@millrace/contracts';
import { testAddresses } from '@millrace/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureTopics } from './ensure-topics.ts';
import { createKafka, type KafkaNotice } from './kafka.ts';
import { newName, TestStream } from './test-stream.ts';

const stream = new TestStream();
beforeAll(() => stream.admin.connect());
afterAll(() => stream.close());

function topicOf(name: string, partitions: number, retention: Topic['retention'] = 2): Topic {
  return { name, key: 'entity id', partitions, retention, owner: 'api', audience: 'internal', schema: false };
}

test('what is missing is created with the partitions and the retention of the catalogue', async () => {
  const [kept, compacted] = [topicOf(newName(), 3, 2), topicOf(newName(), 1, 'compacted')];
  await ensureTopics(stream.kafka, [kept, compacted], { mayCreate: true });
  await ensureTopics(stream.kafka, [kept, compacted], { mayCreate: true });
  const { resources } = await stream.admin.describeConfigs({
    includeSynonyms: false,
    resources: [kept, compacted].map(({ name }) => ({
      type: 2,
      name,
      configNames: ['retention.ms', 'cleanup.policy'],
    })),
  });
  const settings = resources.map(({ configEntries }) =>
    Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue])),
  );
  expect(settings[0]).toEqual({ 'retention.ms': '7200000', 'cleanup.policy': 'delete' });
  expect(settings[1]).toMatchObject({ 'cleanup.policy': 'compact' });
  await stream.admin.deleteTopics({ topics: [kept.name, compacted.name] });
});

test('several services may create the same topics at the same time, and no operator hears of it', async () => {
  const notices: KafkaNotice[] = [];
  const kafka = createKafka({
    brokers: [testAddresses.kafka],
    clientId: 'millrace-test',
    onNotice: (notice) => notices.push(notice),
  });
  const topics = Array.from({ length: 8 }, () => topicOf(newName(), 2));
  await Promise.all(Array.from({ length: 6 }, () => ensureTopics(kafka, topics, { mayCreate: true })));
  expect(notices.filter(({ level }) => level !== 'debug')).toEqual([]);
  await stream.admin.deleteTopics({ topics: topics.map(({ name }) => name) });
});

test('where nothing may be created, what is missing is named', async () => {
  const name = newName();
  const missing = ensureTopics(stream.kafka, [topicOf(name, 1)], { mayCreate: false });
  await expect(missing).rejects.toMatchObject({
    code: 'configuration_invalid',
    message: expect.stringContaining(name),
  });
});

test('a topic with another number of partitions is refused', async () => {
  const name = await stream.newTopic(2);
  const other = ensureTopics(stream.kafka, [topicOf(name, 5)], { mayCreate: true });
  await expect(other).rejects.toThrow(`${name} has 2 partitions instead of 5`);
});
