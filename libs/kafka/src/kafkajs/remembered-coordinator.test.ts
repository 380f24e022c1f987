import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import './kafkajs.ts';
import { internalModule } from './internals.ts';

type Question = { readonly groupId: string; readonly coordinatorType: number };
interface Cluster {
  findGroupCoordinatorMetadata(question: Question): Promise<unknown>;
}

const { prototype } = internalModule<{ prototype: Cluster }>('cluster');
const ofTransaction = { groupId: 'millrace.test.0', coordinatorType: 1 };
const ofGroup = { groupId: 'evaluator', coordinatorType: 0 };

/** A cluster whose broker pool answers and counts the questions. */
function newCluster(answer: () => Promise<unknown>): { cluster: Cluster; questions: () => number } {
  const withBroker = vi.fn(answer);
  const cluster = Object.assign(Object.create(prototype) as Cluster, { brokerPool: { withBroker } });
  return { cluster, questions: () => withBroker.mock.calls.length };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

test('a transactional producer asks once for some seconds, for each coordinator', async () => {
  const { cluster, questions } = newCluster(() => Promise.resolve({ coordinator: { nodeId: 1 } }));
  for (let times = 3; times > 0; times -= 1) {
    await cluster.findGroupCoordinatorMetadata(ofTransaction);
    await cluster.findGroupCoordinatorMetadata(ofGroup);
  }
  expect(questions()).toBe(2);
  vi.advanceTimersByTime(2_001);
  await cluster.findGroupCoordinatorMetadata(ofTransaction);
  expect(questions()).toBe(3);
});

test('others ask every time, and a failure is not remembered', async () => {
  const consumer = newCluster(() => Promise.resolve({}));
  await consumer.cluster.findGroupCoordinatorMetadata(ofGroup);
  await consumer.cluster.findGroupCoordinatorMetadata(ofGroup);
  expect(consumer.questions()).toBe(2);
  const answers = [() => Promise.reject(new Error('away')), () => Promise.resolve('found')];
  const producer = newCluster(() => answers.shift()!());
  await expect(producer.cluster.findGroupCoordinatorMetadata(ofTransaction)).rejects.toThrow('away');
  await expect(producer.cluster.findGroupCoordinatorMetadata(ofTransaction)).resolves.toBe('found');
});
