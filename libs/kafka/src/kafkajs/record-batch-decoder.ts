/** Replaces how kafkajs reads a fetched record batch, and what it does with the records before anybody gets them. */
import { type AbortedTransaction, withoutAborted } from './aborted-records.ts';
import { internalModule, replaceInternalModule } from './internals.ts';
import { type BatchContext, decodeRecords, type DecodedRecord } from './record-decoding.ts';

/** kafkajs' reader of a response. */
interface Decoder {
  readonly buffer: Buffer;
  readInt64(): { toString(): string };
  readInt32(): number;
  readInt16(): number;
  readInt8(): number;
  readAll(): Buffer;
  slice(bytes: number): Decoder;
  forward(bytes: number): void;
}

interface Codec {
  decompress(bytes: Buffer): Promise<Buffer>;
}

interface PartitionData {
  readonly partition: number;
  readonly highWatermark: string;
  readonly abortedTransactions?: readonly AbortedTransaction[];
  readonly messages: readonly DecodedRecord[];
}

interface Batch {
  rawMessages: readonly DecodedRecord[];
  messagesWithinOffset: readonly DecodedRecord[];
  messages: readonly DecodedRecord[];
}

const timestampTypeBit = 0x08;
const transactionalBit = 0x10;
const controlBit = 0x20;

const { lookupCodecByAttributes } = internalModule<{ lookupCodecByAttributes: (attributes: number) => Codec | null }>(
  'protocol/message/compression',
);
const { KafkaJSPartialMessageError } = internalModule<{ KafkaJSPartialMessageError: new (text: string) => Error }>(
  'errors',
);
const SlowBatch =
  internalModule<new (topic: string, fetchedOffset: string, partition: PartitionData) => Batch>('consumer/batch');

/** The batch of kafkajs, which compares each record's offset with the fetched one through BigInt and copies the list twice. */
class QuickBatch extends SlowBatch {
  constructor(topic: string, fetchedOffset: string, partition: PartitionData) {
    super(topic, fetchedOffset, { ...partition, messages: [] });
    const { messages, abortedTransactions } = partition;
    this.rawMessages = messages;
    this.messagesWithinOffset = withinOffset(messages, Number(fetchedOffset));
    this.messages = visible(this.messagesWithinOffset, abortedTransactions);
  }
}

replaceInternalModule('protocol/recordBatch/v0/decoder.js', decodeBatch);
replaceInternalModule('consumer/batch.js', QuickBatch);

/** Compressed batches come whole: the first may begin before the fetched offset. Offsets increase. */
function withinOffset(messages: readonly DecodedRecord[], fetchedOffset: number): readonly DecodedRecord[] {
  const first = messages.findIndex(({ offsetNumber }) => offsetNumber >= fetchedOffset);
  if (first === -1) return [];
  return first === 0 ? messages : messages.slice(first);
}

/** Without the records of aborted transactions and the markers at the end of transactions. */
function visible(
  messages: readonly DecodedRecord[],
  abortedTransactions: readonly AbortedTransaction[] = [],
): readonly DecodedRecord[] {
  const committed = abortedTransactions.length === 0 ? messages : withoutAborted(messages, abortedTransactions);
  return committed.some(({ isControlRecord }) => isControlRecord)
    ? committed.filter(({ isControlRecord }) => !isControlRecord)
    : committed;
}

async function decodeBatch(response: Decoder): Promise<{ readonly records: readonly DecodedRecord[] }> {
  const firstOffset = response.readInt64().toString();
  const length = response.readInt32();
  const decoder = response.slice(length);
  response.forward(length);
  if (decoder.buffer.length < length)
    throw new KafkaJSPartialMessageError('The fetch ends in the middle of a record batch.');
  decoder.forward(4); // partition leader epoch
  const magicByte = decoder.readInt8();
  decoder.forward(4); // checksum: TCP has one, and the broker checks its own
  const attributes = decoder.readInt16();
  decoder.forward(4); // last offset delta
  const firstTimestamp = decoder.readInt64().toString();
  const maxTimestamp = decoder.readInt64().toString();
  const producerId = decoder.readInt64().toString();
  decoder.forward(2 + 4); // producer epoch, first sequence
  const context: BatchContext = {
    firstOffset,
    firstTimestamp,
    maxTimestamp,
    timestampType: attributes & timestampTypeBit ? 1 : 0,
    isControlBatch: (attributes & controlBit) !== 0,
    inTransaction: (attributes & transactionalBit) !== 0,
    producerId,
    magicByte,
  };
  const count = decoder.readInt32();
  const codec = lookupCodecByAttributes(attributes);
  const bytes = decoder.readAll();
  if (count <= 0) return { records: [] };
  return { records: decodeRecords(codec ? await codec.decompress(bytes) : bytes, count, context) };
}
