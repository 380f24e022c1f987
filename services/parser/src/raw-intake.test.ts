import { type DataRowList, MillraceError, type RawBatch } from '@millrace/contracts';
import type { DeadLetter, OutgoingRecord, RecordBatch } from '@millrace/kafka';
import { Accounting } from '@millrace/observe';
import { ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { ConfigurationGrace } from './configuration-grace.ts';
import { RawIntake } from './raw-intake.ts';
import type { Recipe } from './recipe.ts';
import type { Parsed } from './script-batches.ts';
import { rawBatch, rawMessage } from './testing/raw-messages.ts';

/** Text is the wire here: Avro is not what these tests are about. */
const wire = {
  encode: (value: unknown) => Buffer.from(JSON.stringify(value)),
  decode(bytes: Buffer): RawBatch {
    if (bytes.toString() === 'broken') throw new MillraceError('undecodable_record', 'Broken.');
    if (bytes.toString() === 'later') throw new MillraceError('registry_unavailable', 'Away.');
    const { messages, ...rest } = JSON.parse(bytes.toString()) as RawBatch;
    return { ...rest, messages: messages.map((message) => ({ ...message, messageId: Buffer.alloc(16) })) };
  },
};

const recipe: Recipe = { script: undefined, scriptVersion: '', variables: {}, keepRawPayload: false };

/** Devices named `unknown…` are missing in the configuration; those named `bad…` fail in their script. */
class Fixture {
  readonly clock = new ManualClock(1_000);
  readonly sent: OutgoingRecord[] = [];
  readonly letters: DeadLetter[] = [];
  readonly settled: number[] = [];
  readonly accounting = new Accounting('parser', 'test');
  readonly known = new Set<string>();
  failing: Error | undefined;
  readonly intake = new RawIntake({
    raw: wire,
    points: wire,
    pointsTopic: 'points',
    recipes: {
      recipeOf: (_tenant, uid) =>
        uid.startsWith('unknown') && !this.known.has(uid) ? { code: 'unknown_device', detail: 'Unknown.' } : recipe,
    },
    grace: new ConfigurationGrace(this.clock),
    scripts: {
      parse: (messages) =>
        Promise.resolve(
          messages.map(({ message: { deviceUid } }): Parsed => {
            if (deviceUid.startsWith('bad')) return { code: 'script_threw', detail: 'Bad.' };
            const value = deviceUid.startsWith('huge') ? 'x'.repeat(1_000_000) : deviceUid;
            return { rows: [{ name: 'uid', value, timeMicros: null }], timeMicros: null, warnings: [] };
          }),
        ),
    },
    producer: {
      send: (records) => {
        if (this.failing) return Promise.reject(this.failing);
        this.sent.push(...records);
        return Promise.resolve({ lastOffset: () => undefined }) as never;
      },
    },
    deadLetters: {
      write: (letters) => {
        this.letters.push(...letters);
        return Promise.resolve();
      },
    },
    hop: this.accounting.hop('parse'),
    emit: { messagesParsed() {}, messagesPutAside() {}, configurationAwaited() {}, sandboxKilled() {} },
    clock: this.clock,
  });

  /** Each record: the devices whose messages it holds, or bytes. */
  take(...records: readonly (readonly string[] | string)[]): Promise<void> {
    const batch: Pick<RecordBatch, 'topic' | 'partition' | 'records' | 'signal' | 'settle'> = {
      topic: 'raw',
      partition: 4,
      records: records.map((content, index) => ({
        offset: String(10 + index),
        key: null,
        value:
          typeof content === 'string'
            ? Buffer.from(content)
            : wire.encode(rawBatch(content.map((deviceUid) => rawMessage({ deviceUid })))),
        timestamp: '0',
      })),
      signal: new AbortController().signal,
      settle: (count) => void this.settled.push(count),
    };
    return this.intake.take(batch as RecordBatch);
  }

  get parsed(): readonly (readonly unknown[])[] {
    return this.sent.map(({ value }) => {
      const { deviceUid, rawPartition, rawOffset, rawIndex } = JSON.parse(value!.toString()) as DataRowList;
      return [deviceUid, rawPartition, rawOffset, rawIndex];
    });
  }

  get hop() {
    const { in: taken, out, deadLettered } = this.accounting.report().hops[0]!;
    return { in: taken, out, deadLettered };
  }
}

test('every message becomes a record in its own partition, under the key of its device, in order', async () => {
  const fixture = new Fixture();
  await fixture.take(['a', 'b'], ['a']);
  expect(fixture.parsed).toEqual([
    ['a', 4, 10, 0],
    ['b', 4, 10, 1],
    ['a', 4, 11, 0],
  ]);
  expect(fixture.sent.map(({ topic, partition, key }) => [topic, partition, key])).toEqual([
    ['points', 4, 'acme/a'],
    ['points', 4, 'acme/b'],
    ['points', 4, 'acme/a'],
  ]);
  expect(fixture.settled).toEqual([2]);
  expect(fixture.hop).toEqual({ in: 3, out: 3, deadLettered: 0 });
});

test('a message that its script cannot decode is a dead letter alone, with its place and its own raw record', async () => {
  const fixture = new Fixture();
  await fixture.take(['a', 'bad', 'b']);
  expect(fixture.parsed.map(([uid]) => uid)).toEqual(['a', 'b']);
  expect(fixture.letters).toEqual([
    {
      topic: 'raw',
      partition: 4,
      offset: '10',
      index: 1,
      key: 'acme/bad',
      value: expect.any(Buffer),
      code: 'script_threw',
      message: 'Bad.',
      stage: 'parser.script',
      attempt: 1,
      timestampMs: 1_000,
    },
  ]);
  expect(wire.decode(fixture.letters[0]!.value!).messages.map(({ deviceUid }) => deviceUid)).toEqual(['bad']);
  expect(fixture.hop).toEqual({ in: 3, out: 2, deadLettered: 1 });
});

test('a record that cannot be read is a dead letter byte for byte', async () => {
  const fixture = new Fixture();
  await fixture.take('broken', ['a']);
  expect(fixture.letters).toMatchObject([{ index: null, value: Buffer.from('broken'), code: 'undecodable_record' }]);
  expect(fixture.parsed.map(([uid]) => uid)).toEqual(['a']);
  expect(fixture.settled).toEqual([2]);
});

test('a record that may be readable later stops the batch before anything is done', async () => {
  const fixture = new Fixture();
  await expect(fixture.take(['a'], 'later')).rejects.toMatchObject({ code: 'registry_unavailable' });
  expect([fixture.sent, fixture.settled]).toEqual([[], []]);
});

test('a fence has no messages and is settled', async () => {
  const fixture = new Fixture();
  await fixture.take([], []);
  expect([fixture.sent, fixture.settled]).toEqual([[], [2]]);
});

test('rows that do not fit into a record are a dead letter', async () => {
  const fixture = new Fixture();
  await fixture.take(['huge', 'a']);
  expect(fixture.letters).toMatchObject([{ code: 'script_result', key: 'acme/huge' }]);
  expect(fixture.parsed.map(([uid]) => uid)).toEqual(['a']);
});

test('a message whose device is unknown holds its record and what follows, not what came before', async () => {
  const fixture = new Fixture();
  const taking = fixture.take(['a'], ['b', 'unknown'], ['c']);
  await expect(taking).rejects.toMatchObject({ code: 'configuration_behind', retry: 'later' });
  expect(fixture.parsed.map(([uid]) => uid)).toEqual(['a']);
  expect(fixture.settled).toEqual([1]);
});

test('when the configuration has arrived the message is parsed', async () => {
  const fixture = new Fixture();
  await expect(fixture.take(['unknown'])).rejects.toMatchObject({ code: 'configuration_behind' });
  fixture.known.add('unknown');
  await fixture.take(['unknown']);
  expect(fixture.parsed.map(([uid]) => uid)).toEqual(['unknown']);
});

test('after five seconds the message is a dead letter; all unknown devices of a batch wait at the same time', async () => {
  const fixture = new Fixture();
  await expect(fixture.take(['unknown-1', 'a'], ['unknown-2'])).rejects.toMatchObject({ retry: 'later' });
  await fixture.clock.advance(5_000);
  await fixture.take(['unknown-1', 'a'], ['unknown-2']);
  expect(fixture.letters.map(({ key, code, stage }) => [key, code, stage])).toEqual([
    ['acme/unknown-1', 'unknown_device', 'parser.configuration'],
    ['acme/unknown-2', 'unknown_device', 'parser.configuration'],
  ]);
  expect(fixture.parsed.map(([uid]) => uid)).toEqual(['a']);
});

test('what could not be written is not settled and not counted', async () => {
  const fixture = new Fixture();
  fixture.failing = new MillraceError('stream_unavailable', 'Away.');
  await expect(fixture.take(['a'])).rejects.toMatchObject({ code: 'stream_unavailable' });
  expect([fixture.settled, fixture.hop.in]).toEqual([[], 0]);
});

test('a large batch is done and settled in steps', async () => {
  const fixture = new Fixture();
  const devices = Array.from({ length: 500 }, (_, index) => `d${index}`);
  await fixture.take(...Array.from({ length: 9 }, () => devices));
  expect(fixture.settled).toEqual([4, 8, 9]);
  expect(fixture.hop.out).toBe(4_500);
});
