export * from './tenant-stream.ts';
