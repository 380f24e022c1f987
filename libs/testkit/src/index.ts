export * from './addresses.ts';
export * from './manual-clock.ts';
