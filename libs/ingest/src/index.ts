export {
  type Admission,
  type DurableRecords,
  type IngestAccounting,
  RawWriter,
  type RawWriterOptions,
} from './raw-writer.ts';
