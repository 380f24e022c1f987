import { MillraceError, type ParkedBatch } from '@millrace/contracts';
import type { DeadLetter, OutgoingRecord, RecordBatch } from '@millrace/kafka';
import { Accounting } from '@millrace/observe';
import { PointsGate } from '@millrace/quotas';
import { plainOrigin } from '@millrace/sandbox';
import { ManualClock } from '@millrace/testkit';
import { beforeEach, expect, test } from 'vitest';
import { ConfigurationGrace } from './configuration-grace.ts';
import { ParkedIntake } from './parked-intake.ts';
import type { Recipe } from './recipe.ts';
import { rawBatch, rawMessage } from './testing/raw-messages.ts';

const startMs = 10_000_000;
const script = { name: 'acme/decode@1', tenant: 'acme', language: 'javascript', source: '' };

let clock: ManualClock;
let short: Set<string>;
let callMs: number;
let called: string[][];
let sent: OutgoingRecord[];
let letters: DeadLetter[];
let settled: number[];
let accounting: Accounting;
let lanes: unknown[];
let intake: ParkedIntake;

const json = {
  encode: (value: unknown) => Buffer.from(JSON.stringify(value)),
  decode: (bytes: Buffer): ParkedBatch => {
    if (bytes.toString() === 'broken') throw new MillraceError('undecodable_record', 'Broken.');
    const { raw, ...rest } = JSON.parse(bytes.toString()) as ParkedBatch;
    const messages = raw.messages.map((message) => ({ ...message, messageId: Buffer.alloc(16) }));
    return { ...rest, raw: { ...raw, messages } };
  },
};

function recipeOf(tenant: string, uid: string): Recipe {
  const own = uid.startsWith('json') ? undefined : { ...script, tenant };
  return { script: own, scriptVersion: '', variables: {}, keepRawPayload: false };
}

beforeEach(() => {
  clock = new ManualClock(startMs);
  [short, called, sent, letters, settled, lanes, callMs] = [new Set(), [], [], [], [], [], 0];
  accounting = new Accounting('parser', 'test');
  const emit = Object.fromEntries(
    ['Parsed', 'PutAside', 'Parked', 'Dropped'].map((what) => [`messages${what}`, () => undefined]),
  );
  intake = new ParkedIntake({
    raw: json,
    parked: json,
    points: json,
    pointsTopic: 'points',
    devices: { deviceByCode: () => undefined },
    rawTopic: 'raw',
    pointsLanesFrom: 6,
    recipes: { recipeOf },
    grace: new ConfigurationGrace(clock),
    parse: async (messages) => {
      called.push(messages.map(({ message }) => message.deviceUid));
      await clock.advance(callMs);
      return messages.map(({ message: { deviceUid } }) =>
        deviceUid === 'starved'
          ? { code: 'script_deferred', detail: 'Later.' }
          : deviceUid.startsWith('bad')
            ? { code: 'script_threw', detail: 'Bad.' }
            : { rows: [{ ...plainOrigin, name: 'n', value: 1 }], timeMicros: null, warnings: [] },
      );
    },
    cpu: {
      refusalOfParked: (tenant) => (short.has(tenant) ? new MillraceError('quota_exceeded', 'Later.') : undefined),
    },
    gate: new PointsGate({
      quota: {
        name: 'pointsPerSecond',
        take: (...fields) => void lanes.push(fields[2]),
        giveBack: () => undefined,
      },
      watch: { heldOff: () => undefined },
      clock,
    }),
    producer: { send: (records) => (sent.push(...records), Promise.resolve()) as never },
    deadLetters: { write: (more) => (letters.push(...more), Promise.resolve()) },
    hop: accounting.hop('parse-parked'),
    emit: { ...emit, configurationAwaited() {}, sandboxKilled() {} } as never,
    clock,
  });
});

/** Each record: devices of one raw record of partition 4, whose messages lie at 40/3 and after it there. */
function take(...records: readonly (string | readonly string[])[]): Promise<void> {
  const batch: Partial<RecordBatch> = {
    topic: 'parked',
    partition: 4,
    recordsBehind: 1,
    signal: new AbortController().signal,
    settle: (count) => void settled.push(count),
    records: records.map((content, index) => ({
      offset: String(index),
      key: null,
      timestamp: String(startMs),
      value: typeof content === 'string' ? Buffer.from(content) : json.encode(parkedBatch(content)),
    })),
  };
  return intake.take(batch as RecordBatch);
}

const parkedBatch = (names: readonly string[]): ParkedBatch => ({
  reason: 'slow',
  rawPartition: 4,
  rawOffset: 40,
  rawIndexes: names.map((_, index) => 3 + index),
  rawTimestampMicros: 5_000_000_000,
  raw: rawBatch(
    names.map((name) => {
      const [deviceUid = '', tenant = 'acme'] = name.split('/').toReversed();
      return rawMessage({ tenant, deviceUid });
    }),
  ),
});

const hop = () => {
  const { in: taken, out, deadLettered, inFlight } = accounting.report().hops[0]!;
  return { in: taken, out, deadLettered, inFlight };
};

test('a parked message becomes points as if it came from its raw record, by the time of that record', async () => {
  await take(['a', 'a']);
  const lists = sent.map(({ value }) => JSON.parse(value!.toString()) as object);
  expect(lists).toMatchObject([
    { deviceUid: 'a', rawPartition: 4, rawOffset: 40, rawIndex: 3 },
    { deviceUid: 'a', rawPartition: 4, rawOffset: 40, rawIndex: 4 },
  ]);
  expect(sent.map(({ topic, partition, key }) => [topic, partition, key])[0]).toEqual(['points', 4, 'acme/a']);
  expect(lanes[0]).toEqual({ name: 10, nowMs: 5_000_000 });
  expect([settled, hop()]).toEqual([[1], { in: 2, out: 2, deadLettered: 0, inFlight: 0 }]);
});

test('its dead letter names the raw record, and a parked record that cannot be read is one byte for byte', async () => {
  await take(['bad'], 'broken');
  expect(letters).toMatchObject([
    { topic: 'raw', partition: 4, offset: '40', index: 3, key: 'acme/bad', code: 'script_threw' },
    { topic: 'parked', partition: 4, offset: '1', index: null, value: Buffer.from('broken') },
  ]);
  expect([settled, hop()]).toEqual([[1, 2], { in: 2, out: 0, deadLettered: 2, inFlight: 0 }]);
});

test('what its tenant has no CPU time for waits, and nothing overtakes it', async () => {
  short.add('other');
  await expect(take(['a'], ['other/b'], ['c'])).rejects.toMatchObject({ code: 'quota_exceeded', retry: 'later' });
  expect([called, settled]).toEqual([[['a']], [1]]);
  expect(hop()).toEqual({ in: 1, out: 1, deadLettered: 0, inFlight: 0 });
});

test('what needs no script needs no CPU time', async () => {
  short.add('acme');
  await take(['json']);
  expect(sent).toHaveLength(1);
});

test('after an hour without CPU time it is a dead letter and costs none, so that those behind it get on', async () => {
  short.add('acme');
  const records = [['a'], ['json'], ['other/b']] as const;
  const sentMs = clock.nowMs();
  while (clock.nowMs() - sentMs < 3_600_000) {
    await expect(take(...records)).rejects.toMatchObject({ code: 'quota_exceeded' });
    await clock.advance(9_000);
  }
  await take(...records);
  expect(letters).toMatchObject([{ key: 'acme/a', code: 'quota_exceeded', stage: 'parser.quota' }]);
  expect(called.flat()).toEqual(['json', 'b']);
});

test('what is an hour old for another reason, such as an outage, waits for CPU time like everything else', async () => {
  short.add('acme');
  await clock.advance(7_200_000);
  await expect(take(['a'])).rejects.toMatchObject({ code: 'quota_exceeded' });
  await clock.advance(3_600_000);
  await expect(take(['a'])).rejects.toMatchObject({ code: 'quota_exceeded' });
  expect(letters).toEqual([]);
});

test('a message that the machine has no processor for comes again, and is no dead letter', async () => {
  await expect(take(['starved'])).rejects.toMatchObject({ code: 'script_deferred', retry: 'later' });
  expect([letters, sent, settled]).toEqual([[], [], []]);
});

test('a batch that takes long settles what it did and ends, so that other partitions have their turn', async () => {
  callMs = 600;
  const many = Array.from({ length: 20 }, () => 'a');
  await expect(take(many, many, many, many, many, many, many, many, many)).rejects.toMatchObject({
    code: 'script_deferred',
    retry: 'later',
  });
  expect(settled).toEqual([3, 6]);
});
