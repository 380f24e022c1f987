/**
 * The replay: a Kafka that knows nothing, the raw topic copied into it byte for byte, and the services themselves, started
 * anew: parser and alarm evaluator with the configuration, from the api, and nothing else. What they make of the raw bytes
 * is compared with what the platform made of them live.
 */
import { join } from 'node:path';
import { topics } from '@millrace/contracts';
import { createKafka, ensureTopics, RecordProducer } from '@millrace/kafka';
import { apiOf, applyConfiguration } from '../configure/apply-configuration.ts';
import type { PlantStack } from '../integrity/plant-stack.ts';
import { eachBatch } from '../integrity/read-topic.ts';
import { type Stack, startStack, UserError } from '../stack/index.ts';
import { allRead, parserInputs } from './groups.ts';
import { readRecorded, type Recorded } from './recorded.ts';

const services = ['parser', 'alarm-evaluator'];
/** Half an hour of load is read in about two minutes. */
const readMsMax = 600_000;

export async function replay(
  { stack: live, configDir }: PlantStack,
  report: (text: string) => void,
  signal: AbortSignal,
): Promise<Recorded> {
  const addresses = Object.fromEntries(
    (['registry', 'questdb', 'redis'] as const).map((name) => [name, live.address(name)]),
  );
  const dataDir = join(live.dataDir, 'replay');
  const stack = await startStack({ dataDir, components: ['kafka', 'postgres'], addresses, report }, signal);
  try {
    report('copying the raw topic');
    await copyRaw(live, stack, signal);
    // The configuration is there before what needs it: a message that comes before its device is known is a dead letter.
    await stack.startServices(['api'], { configDir }, signal);
    await stack.ready(signal);
    await applyConfiguration(apiOf(stack), configDir, { prune: false, signal });
    await stack.startServices(services, { configDir }, signal);
    await stack.ready(signal);
    report('waiting for parser and alarm evaluator');
    const parsed = await allRead(stack, parserInputs, readMsMax, signal);
    const evaluated = await allRead(stack, [{ service: 'alarm-evaluator', topic: topics.points }], readMsMax, signal);
    if (!parsed || !evaluated) throw new UserError(`The replay did not end within ${readMsMax / 60_000} minutes.`);
    report('reading what it made');
    return await readRecorded(stack);
  } finally {
    await stack.stop('at once');
  }
}

/** To the same partitions and, since both begin at 0, the same offsets, which the points name as their origin. */
async function copyRaw(from: Stack, to: Stack, signal: AbortSignal): Promise<void> {
  const kafka = createKafka({ brokers: [to.address('kafka')], clientId: 'prove' });
  await ensureTopics(kafka, [topics.raw], { mayCreate: true }, signal);
  const producer = new RecordProducer(kafka);
  try {
    await eachBatch(from, topics.raw.name, async (partition, records) => {
      const copies = records.map(({ key, value }) => ({ topic: topics.raw.name, partition, key, value }));
      await producer.send(copies, signal);
    });
  } finally {
    await producer.close();
  }
}
