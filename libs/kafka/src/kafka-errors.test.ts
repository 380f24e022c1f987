import { expect, test } from 'vitest';
import { isFence, isRebalance, isRefusal, protocolErrorOf } from './kafka-errors.ts';

/** As kafkajs wraps a protocol's error: the name of it is on the innermost. */
function wrapped(type: string, code?: number): Error {
  const inner = Object.assign(new Error(type), { type, code });
  return new Error('Retries exceeded.', { cause: new Error('Non retriable.', { cause: inner }) });
}

test("the protocol's name of an error is found however deep it is wrapped", () => {
  expect(protocolErrorOf(wrapped('MESSAGE_TOO_LARGE'))).toBe('MESSAGE_TOO_LARGE');
  expect(protocolErrorOf(new Error('Connection closed.'))).toBeUndefined();
  expect(protocolErrorOf('not an error')).toBeUndefined();
});

test.each(['MESSAGE_TOO_LARGE', 'TOPIC_AUTHORIZATION_FAILED'])('%s is not worth repeating', (type) => {
  expect(isRefusal(wrapped(type))).toBe(true);
});

test.each(['NOT_LEADER_FOR_PARTITION', 'UNKNOWN_TOPIC_OR_PARTITION', 'OUT_OF_ORDER_SEQUENCE_NUMBER'])(
  '%s is repeated',
  (type) => {
    expect(isRefusal(wrapped(type))).toBe(false);
  },
);

test.each(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'])('%s ends the assignment', (type) => {
  expect(isRebalance(wrapped(type))).toBe(true);
});

test('a producer is fenced by a name or by the code that kafkajs has no name for', () => {
  expect(isFence(wrapped('INVALID_PRODUCER_EPOCH'))).toBe(true);
  expect(isFence(wrapped('UNKNOWN', 90))).toBe(true);
  expect(isFence(wrapped('UNKNOWN', 91))).toBe(false);
});
