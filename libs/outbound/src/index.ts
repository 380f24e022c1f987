export * from './guarded-calls.ts';
export * from './outbound-allowed.ts';
