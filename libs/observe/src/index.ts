export * from './accounting-metrics.ts';
export * from './accounting.ts';
export * from './breaker-metrics.ts';
export * from './events.ts';
export * from './log.ts';
export * from './metric-definition.ts';
export * from './metrics.ts';
