/** Consumer groups that have read all there is. */
import type { Topic } from '@millrace/contracts';
import { committedOffsets, createKafka, endOffsets } from '@millrace/kafka';
import { until } from '../integrity/until.ts';
import type { Stack } from '../stack/index.ts';

export interface GroupInput {
  /** `millrace.<service>`. */
  readonly service: string;
  /** Written without transactions: the markers of those are never committed. */
  readonly topic: Topic;
}

const askAgainMs = 300;

/** False when some have not within the limit. */
export function allRead(
  stack: Stack,
  inputs: readonly GroupInput[],
  limitMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const kafka = createKafka({ brokers: [stack.address('kafka')], clientId: 'prove' });
  const isRead = async ({ service, topic }: GroupInput): Promise<boolean> => {
    const ends = await endOffsets(kafka, topic.name);
    const committed = await committedOffsets(kafka, `millrace.${service}`, topic.name);
    return [...ends].every(([partition, end]) => (committed.get(partition) ?? 0n) >= end);
  };
  const areRead = async (): Promise<boolean> => {
    for (const input of inputs) if (!(await isRead(input))) return false;
    return true;
  };
  return until(areRead, limitMs, signal, askAgainMs);
}
