/** Consumer groups that have read all there is. */
import { type Topic, topics } from '@millrace/contracts';
import { committedOffsets, createKafka, endOffsets } from '@millrace/kafka';
import { until } from '../stack/until.ts';
import type { Stack } from '../stack/index.ts';

export interface GroupInput {
  /** The group is `millrace.<service>[.<purpose>]`. */
  readonly service: string;
  readonly purpose?: string;
  /** Written without transactions: the markers of those are never committed. */
  readonly topic: Topic;
}

const askAgainMs = 300;

/** In this order: what is parked is written while the raw messages are read. */
export const parserInputs: readonly GroupInput[] = [
  { service: 'parser', topic: topics.raw },
  { service: 'parser', purpose: 'parked', topic: topics.parked },
];

/** False when some have not within the limit. */
export function allRead(
  stack: Stack,
  inputs: readonly GroupInput[],
  limitMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const kafka = createKafka({ brokers: [stack.address('kafka')], clientId: 'prove' });
  const isRead = async ({ service, purpose, topic }: GroupInput): Promise<boolean> => {
    const ends = await endOffsets(kafka, topic.name);
    const groupId = ['millrace', service, purpose].filter((part) => part !== undefined).join('.');
    const committed = await committedOffsets(kafka, groupId, topic.name);
    return [...ends].every(([partition, end]) => (committed.get(partition) ?? 0n) >= end);
  };
  const areRead = async (): Promise<boolean> => {
    for (const input of inputs) if (!(await isRead(input))) return false;
    return true;
  };
  return until(areRead, limitMs, signal, askAgainMs);
}
