/** Replaces how kafkajs builds a record batch of a produce request by one that writes records into one buffer. */
import { internalModule, replaceInternalModule } from './internals.ts';
import { encodeRecords, type EncodableRecord } from './record-encoding.ts';

interface BatchOptions {
  readonly compression: number;
  readonly firstTimestamp: number | string;
  readonly maxTimestamp: number | string;
  readonly lastOffsetDelta: number;
  readonly transactional: boolean;
  readonly producerId: { toString(): string };
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly records: readonly EncodableRecord[];
}

/** What kafkajs calls an encoder is a buffer that is filled up to an offset. */
interface Encoder {
  buf: Buffer;
  offset: number;
}

interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
}

const magicByte = 2;
const transactionalBit = 0x10;
const compressionBits = 0x07;

/** First offset (8), length (4), leader epoch (4), magic (1), checksum (4); the checksum covers what follows. */
const lengthAt = 8;
const magicAt = 16;
const checksumAt = 17;
const bodyAt = 21;
/** Attributes (2), last offset delta (4), first and last time (8, 8), producer (8), epoch (2), sequence (4), count (4). */
const headerBytes = bodyAt + 40;

const { lookupCodec } = internalModule<{ lookupCodec: (type: number) => Codec | null }>('protocol/message/compression');
const crc32c = internalModule<(bytes: Buffer) => number>('protocol/recordBatch/crc32C');
const Encoder = internalModule<new (bytes: number) => Encoder>('protocol/encoder');

// The record as it is: it is written together with the others of its batch.
replaceInternalModule('protocol/recordBatch/record/v0/index.js', (record: EncodableRecord) => record);
replaceInternalModule('protocol/recordBatch/v0/index.js', { RecordBatch: encodeBatch, MAGIC_BYTE: magicByte });

/** A whole record batch (format v2) as kafkajs' encoder. */
async function encodeBatch(options: BatchOptions): Promise<Encoder> {
  const codec = options.compression === 0 ? null : lookupCodec(options.compression & compressionBits);
  const plain = encodeRecords(options.records);
  const records = codec ? await codec.compress({ buffer: plain }) : plain;
  const bytes = Buffer.allocUnsafe(headerBytes + records.length);
  writeHeader(options, bytes);
  records.copy(bytes, headerBytes);
  bytes.writeUInt32BE(crc32c(bytes.subarray(bodyAt)), checksumAt);
  const encoder = new Encoder(1);
  encoder.buf = bytes;
  encoder.offset = bytes.length;
  return encoder;
}

function writeHeader(options: BatchOptions, bytes: Buffer): void {
  const attributes = (options.compression & compressionBits) | (options.transactional ? transactionalBit : 0);
  bytes.fill(0, 0, magicAt);
  bytes.writeInt32BE(bytes.length - lengthAt - 4, lengthAt);
  bytes[magicAt] = magicByte;
  let at = bytes.writeInt16BE(attributes, bodyAt);
  at = bytes.writeInt32BE(options.lastOffsetDelta, at);
  at = bytes.writeBigInt64BE(BigInt(options.firstTimestamp), at);
  at = bytes.writeBigInt64BE(BigInt(options.maxTimestamp), at);
  at = bytes.writeBigInt64BE(BigInt(options.producerId.toString()), at);
  at = bytes.writeInt16BE(options.producerEpoch, at);
  at = bytes.writeInt32BE(options.firstSequence, at);
  bytes.writeInt32BE(options.records.length, at);
}
