/** What kafkajs' errors mean: it wraps them, so the protocol's name for it is somewhere down the chain of causes. */
import { MillraceError } from '@millrace/contracts';

/** The protocol's name of an error (`REBALANCE_IN_PROGRESS` ...) from anywhere in its causes; undefined: no protocol error. */
export function protocolErrorOf(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    const type: unknown = Reflect.get(current, 'type');
    if (typeof type === 'string') return type;
  }
  return undefined;
}

/** Sent again it would be refused again. */
const refusals = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
]);

export function isRefusal(error: unknown): boolean {
  const type = protocolErrorOf(error);
  return type ? refusals.has(type) : error instanceof TypeError;
}

/** The group has given the partitions away or is about to: nothing may be committed any more. */
const rebalances = new Set([
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'NOT_COORDINATOR_FOR_GROUP',
  'FENCED_INSTANCE_ID',
]);

export function isRebalance(error: unknown): boolean {
  return rebalances.has(protocolErrorOf(error) ?? '');
}

/** Another producer has taken over the transactional id. */
const fences = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_PRODUCER_ID_MAPPING']);

export function isFence(error: unknown): boolean {
  return fences.has(protocolErrorOf(error) ?? '') || brokerCodeOf(error) === producerFencedCode;
}

/** kafkajs 2.2.4 does not know this code of newer brokers and calls it UNKNOWN. */
const producerFencedCode = 90;

function brokerCodeOf(error: unknown): number | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    const code: unknown = Reflect.get(current, 'code');
    if (typeof code === 'number') return code;
  }
  return undefined;
}

/** One sentence about an error of kafkajs for a log line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function streamUnavailable(detail: string, cause?: unknown): MillraceError {
  return new MillraceError('stream_unavailable', detail, { cause });
}
