export * from './channel.ts';
export * from './plain-text.ts';
export * from './registry.ts';
export * from './template.ts';
