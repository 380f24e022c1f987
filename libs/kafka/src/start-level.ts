/** How loud a start is about what it waits for: silence is normal operation. */
import type { RetryOptions } from '@millrace/kernel';
import { reasonOf } from './kafka-errors.ts';
import type { Kafka } from './kafka.ts';

/** What is started together waits for each other this long: Kafka, the registry, topics that another service creates. */
const startMsUsual = 5_000;

/** Level of a notice that something is tried again since `triedMs`: only what takes unusually long is an operator's matter. */
export function startLevel(triedMs: number): 'debug' | 'warn' {
  return triedMs < startMsUsual ? 'debug' : 'warn';
}

/** Tells of each repetition at that level: an `onRetry` for `retrying`. */
export function startNotice(kafka: Kafka, sentence: string, fields: object = {}): NonNullable<RetryOptions['onRetry']> {
  return (error, attempt, _delayMs, triedMs) =>
    kafka.notify({ level: startLevel(triedMs), sentence, fields: { ...fields, attempt, reason: reasonOf(error) } });
}
