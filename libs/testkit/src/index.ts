/** What nearly every test may need; what loads a library of its own is imported by its path. */
export * from './addresses.ts';
export * from './device-config.ts';
export * from './manual-clock.ts';
