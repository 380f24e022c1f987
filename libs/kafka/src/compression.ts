/** Whether a request's record batches are compressed. */
import kafkajs from './kafkajs/kafkajs.ts';

/**
 * Compressing a partition's batch takes 30 to 40 µs and each reader, the broker among them, 20 to 30 µs for anything up to
 * 16 KiB (measured); half of a few KiB is not worth that.
 */
const compressedBytesMin = 8 * 1024;

/** `bytes`: of all records together, uncompressed. */
export function compressionOf(bytes: number, partitions: number): kafkajs.CompressionTypes {
  const { None, ZSTD } = kafkajs.CompressionTypes;
  return bytes / partitions < compressedBytesMin ? None : ZSTD;
}
