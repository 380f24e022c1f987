export * from './device-alarms.ts';
export * from './event-id.ts';
export * from './rule-plan.ts';
export * from './severity.ts';
