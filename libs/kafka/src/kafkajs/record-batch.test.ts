import fc from 'fast-check';
import { expect, test } from 'vitest';
import { internalModule, originalModule } from './internals.ts';
import kafkajs from './kafkajs.ts';
import type { DecodedRecord } from './record-decoding.ts';

/** The parts of kafkajs' code that the replacements must agree with. */
interface Encoder {
  readonly buffer: Buffer;
}
type EncodeRecord = (record: object) => unknown;
type EncodeBatch = (options: object) => Promise<Encoder>;
type DecodeBatch = (decoder: object) => Promise<{ readonly records: readonly DecodedRecord[] }>;
interface Batch {
  readonly messages: readonly DecodedRecord[];
  readonly rawMessages: readonly DecodedRecord[];
  isEmptyDueToFiltering(): boolean;
  firstOffset(): string | null;
  lastOffset(): string;
}
type NewBatch = new (topic: string, fetchedOffset: string, partition: object) => Batch;

const Decoder = internalModule<new (bytes: Buffer) => object>('protocol/decoder');
const paths = {
  record: 'protocol/recordBatch/record/v0/index.js',
  batch: 'protocol/recordBatch/v0/index.js',
  decoder: 'protocol/recordBatch/v0/decoder.js',
  consumed: 'consumer/batch.js',
};
const theirs = {
  record: originalModule<EncodeRecord>(paths.record),
  batch: originalModule<{ RecordBatch: EncodeBatch }>(paths.batch).RecordBatch,
  decode: originalModule<DecodeBatch>(paths.decoder),
  Batch: originalModule<NewBatch>(paths.consumed),
};
const ours = {
  record: internalModule<EncodeRecord>(paths.record),
  batch: internalModule<{ RecordBatch: EncodeBatch }>(paths.batch).RecordBatch,
  decode: internalModule<DecodeBatch>(paths.decoder),
  Batch: internalModule<NewBatch>(paths.consumed),
};

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const field = fc.oneof(bytes, fc.string({ unit: 'grapheme' }));
/** kafkajs makes something odd of names that every object has. */
const headerName = fc.string({ minLength: 1 }).filter((name) => !(name in {}));
const message = fc.record({
  key: fc.option(field),
  value: fc.option(field),
  headers: fc.option(fc.dictionary(headerName, fc.oneof(field, fc.array(field, { minLength: 2, maxLength: 3 }))), {
    nil: undefined,
  }),
  timestampDelta: fc.integer({ min: -3_000_000_000, max: 3_000_000_000 }),
});
const batches = fc.record({
  messages: fc.array(message, { minLength: 1, maxLength: 40 }),
  compression: fc.constantFrom(
    kafkajs.CompressionTypes.None,
    kafkajs.CompressionTypes.GZIP,
    kafkajs.CompressionTypes.ZSTD,
  ),
  firstTimestamp: fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
  producerId: fc.bigInt({ min: -1n, max: 2n ** 62n }).map(String),
  firstSequence: fc.nat(),
  transactional: fc.boolean(),
});
type BatchCase = typeof batches extends fc.Arbitrary<infer T> ? T : never;

async function encoded(
  code: Pick<typeof ours, 'record' | 'batch'>,
  { messages, ...options }: BatchCase,
): Promise<Buffer> {
  const records = messages.map((one, offsetDelta) => code.record({ ...one, headers: one.headers ?? {}, offsetDelta }));
  const maxTimestamp = options.firstTimestamp + 5;
  const lastOffsetDelta = records.length - 1;
  const encoder = await code.batch({ ...options, records, maxTimestamp, lastOffsetDelta, producerEpoch: 3 });
  return encoder.buffer;
}

/** What consumers see of records. */
function shown(records: readonly DecodedRecord[]): readonly object[] {
  return records.map(({ offset, timestamp, key, value, headers, isControlRecord, batchContext }) => ({
    offset,
    timestamp,
    key,
    value,
    headers: { ...headers },
    isControlRecord,
    producerId: batchContext.producerId,
    inTransaction: batchContext.inTransaction,
  }));
}

test('our record batches are byte for byte those of kafkajs', async () => {
  await fc.assert(
    fc.asyncProperty(batches, async (one) => {
      expect((await encoded(ours, one)).equals(await encoded(theirs, one))).toBe(true);
    }),
  );
});

test('we read from record batches what kafkajs reads', async () => {
  await fc.assert(
    fc.asyncProperty(batches, fc.bigInt({ min: 0n, max: 2n ** 52n }), async (one, firstOffset) => {
      const batch = await encoded(theirs, one);
      batch.writeBigInt64BE(firstOffset);
      const [our, their] = [await ours.decode(new Decoder(batch)), await theirs.decode(new Decoder(batch))];
      expect(shown(our.records)).toEqual(shown(their.records));
    }),
  );
});

test('a header that is named like something every object has is a header like any other', async () => {
  const [one] = fc.sample(batches, 1) as [BatchCase];
  const headers = JSON.parse('{"__proto__":"a","toString":"b"}') as Record<string, string>;
  const batch = await encoded(ours, { ...one, messages: [{ key: null, value: null, headers, timestampDelta: 0 }] });
  const { records } = await ours.decode(new Decoder(batch));
  expect(Object.entries(records[0]?.headers ?? {})).toEqual([
    ['__proto__', Buffer.from('a')],
    ['toString', Buffer.from('b')],
  ]);
});

test('a batch that is cut short is left for the next fetch, as kafkajs does', async () => {
  const [one] = fc.sample(batches, 1) as [BatchCase];
  const whole = await encoded(ours, one);
  const cut = whole.subarray(0, whole.length - 1);
  await expect(ours.decode(new Decoder(cut))).rejects.toMatchObject({ name: 'KafkaJSPartialMessageError' });
});

/** What a log has after producers wrote, in transactions or without, and what of it happened. */
function logOf(steps: readonly { readonly producer: number; readonly does: string }[]) {
  const messages: object[] = [];
  const open = new Map<number, number[]>();
  const happened: number[] = [];
  const aborted: { readonly producerId: string; readonly firstOffset: string; readonly last: number }[] = [];
  for (const { producer, does } of steps) {
    const written = open.get(producer);
    const isMarker = does === 'abort' || does === 'commit';
    if (isMarker && !written) continue;
    const offset = messages.length;
    const producerId = String(producer);
    messages.push({
      offset: String(offset),
      offsetNumber: offset,
      isControlRecord: isMarker,
      // Its version, and 0 for an abort; others may have such a key as well.
      key: Buffer.from([0, 0, 0, does === 'commit' ? 1 : 0]),
      value: null,
      batchContext: { producerId, inTransaction: does !== 'plain' },
    });
    if (does === 'plain') happened.push(offset);
    else if (does === 'write') open.set(producer, [...(written ?? []), offset]);
    else open.delete(producer);
    if (does === 'commit') happened.push(...written!);
    if (does === 'abort') aborted.push({ producerId, firstOffset: String(written![0]), last: offset });
  }
  const stableEnd = Math.min(messages.length, ...[...open.values()].map(([first]) => first!));
  return { messages: messages.slice(0, stableEnd), happened: happened.filter((one) => one < stableEnd), aborted };
}

const steps = fc.array(
  fc.record({ producer: fc.nat(2), does: fc.constantFrom('write', 'write', 'abort', 'commit', 'plain') }),
  { maxLength: 40 },
);

test('of a fetch consumers see, from the fetched offset on, what was written outside of transactions or committed', () => {
  fc.assert(
    fc.property(steps, fc.nat(40), (taken, fetched) => {
      const { messages, happened, aborted } = logOf(taken);
      const partition = {
        partition: 0,
        highWatermark: String(messages.length),
        messages,
        abortedTransactions: aborted.filter(({ last }) => last >= fetched),
      };
      const our = new ours.Batch('a', String(fetched), partition);
      expect(our.messages.map(({ offset }) => Number(offset))).toEqual(
        happened.filter((offset) => offset >= fetched).toSorted((a, b) => a - b),
      );
    }),
  );
});

test('where a batch begins and ends is what kafkajs says', () => {
  fc.assert(
    fc.property(steps, fc.nat(40), (taken, fetched) => {
      const { messages } = logOf(taken);
      const partition = { partition: 0, highWatermark: '30', messages, abortedTransactions: [] };
      const our = new ours.Batch('a', String(fetched), partition);
      const their = new theirs.Batch('a', String(fetched), partition);
      expect(our.isEmptyDueToFiltering()).toBe(their.isEmptyDueToFiltering());
      expect([our.firstOffset(), our.lastOffset()]).toEqual([their.firstOffset(), their.lastOffset()]);
    }),
  );
});
