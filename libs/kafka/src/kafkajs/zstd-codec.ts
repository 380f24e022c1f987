/** Compression with the zstd that Node brings; kafkajs has none of its own and would end a consumer that meets it. */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** Level 1: measured on telemetry it compresses as well as 3 and costs less. */
const compressing = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** A record batch is at most some MiB; more than this after decompression is an attack or a defect. */
const decompressedBytesMax = 128 * 1024 * 1024;
const decompressing = { maxOutputLength: decompressedBytesMax };

export const zstdCodec = {
  compress: (encoder: { readonly buffer: Buffer }) => Promise.resolve(zstdCompressSync(encoder.buffer, compressing)),
  decompress: (bytes: Buffer) => Promise.resolve(zstdDecompressSync(bytes, decompressing)),
};
