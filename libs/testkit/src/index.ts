export * from './addresses.ts';
export * from './any-text.ts';
export * from './manual-clock.ts';
