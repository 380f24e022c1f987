export * from './accounting-metrics.ts';
export * from './accounting.ts';
export * from './events.ts';
export * from './log.ts';
export * from './metrics.ts';
