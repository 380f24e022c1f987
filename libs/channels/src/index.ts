export * from './channel.ts';
export type { Mailbox } from './email/mailbox.ts';
export * from './plain-text.ts';
export * from './registry.ts';
export * from './template.ts';
