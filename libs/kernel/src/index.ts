export * from './ack-ledger.ts';
export * from './backoff.ts';
export * from './batcher.ts';
export * from './breaker.ts';
export * from './clock.ts';
export * from './environment.ts';
export * from './lifecycle.ts';
export * from './retrying.ts';
