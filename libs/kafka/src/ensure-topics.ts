/** Creates the topics of the catalogue that are missing, or says which they are; never changes one that exists. */
import { MillraceError, type Topic } from '@millrace/contracts';
import { type Clock, retrying, systemClock } from '@millrace/kernel';
import type { Admin, ITopicConfig } from 'kafkajs';
import { reasonOf, streamUnavailable } from './kafka-errors.ts';
import type { Kafka } from './kafka.ts';
import { startNotice } from './start-level.ts';
import { topicSettings } from './topic-settings.ts';

/** A topic that another service creates at this moment is there within milliseconds, a Kafka that starts within seconds. */
const retryDelays = { delayMsMin: 20, delayMsMax: 1_000 };

/**
 * Resolves when every topic exists with the catalogue's number of partitions. Waits for Kafka, and for topics that another
 * service creates at the same time, until `signal`; an operator hears of it when it takes unusually long. Throws
 * `configuration_invalid` naming the topics that are missing and may not be created, or have other partitions: a device's
 * order and every join rest on that number.
 */
export async function ensureTopics(
  kafka: Kafka,
  topics: readonly Topic[],
  { mayCreate, clock = systemClock }: { readonly mayCreate: boolean; readonly clock?: Clock },
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const onRetry = startNotice(kafka, 'Kafka was not ready at the start.');
  await retrying(() => ensureOnce(kafka, topics, mayCreate), { ...retryDelays, onRetry, clock }, signal);
}

async function ensureOnce(kafka: Kafka, topics: readonly Topic[], mayCreate: boolean): Promise<void> {
  const admin = kafka.newClient().admin();
  try {
    await admin.connect();
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter(({ name }) => !existing.has(name));
    if (missing.length > 0 && !mayCreate)
      throw wrong(`Kafka lacks the topics ${namesOf(missing)}: create them, or set MILLRACE_TOPICS_CREATE=true.`);
    if (missing.length > 0) await admin.createTopics({ topics: missing.map(topicConfig), waitForLeaders: false });
    await checkPartitions(admin, topics);
  } catch (error) {
    throw error instanceof MillraceError
      ? error
      : streamUnavailable(`Topics could not be ensured: ${reasonOf(error)}`, error);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

async function checkPartitions(admin: Admin, topics: readonly Topic[]): Promise<void> {
  const metadata = await admin.fetchTopicMetadata({ topics: topics.map(({ name }) => name) });
  const wrongly = topics.flatMap(({ name, partitions }) => {
    const found = metadata.topics.find((topic) => topic.name === name)?.partitions.length;
    return found === partitions ? [] : [`${name} has ${found} partitions instead of ${partitions}`];
  });
  if (wrongly.length > 0) throw wrong(`${wrongly.join(', ')}: the number never changes, so make the topic anew.`);
}

function topicConfig(topic: Topic): ITopicConfig {
  const configEntries = Object.entries(topicSettings(topic)).map(([name, value]) => ({ name, value: String(value) }));
  return { topic: topic.name, numPartitions: topic.partitions, configEntries };
}

function namesOf(topics: readonly Topic[]): string {
  return topics.map(({ name }) => name).join(', ');
}

function wrong(detail: string): MillraceError {
  return new MillraceError('configuration_invalid', detail);
}
