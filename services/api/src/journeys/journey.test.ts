import { type AlarmEvent, type DataRowList, MillraceError, type RawBatch, topics } from '@millrace/contracts';
import type { ConsumedRecord } from '@millrace/kafka';
import { beforeEach, expect, test } from 'vitest';
import type { JourneyStep } from './journey-answers.ts';
import { Journey, type JourneyPorts } from './journey.ts';

const messageId = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const otherId = Buffer.alloc(16, 7);
const eventId = Buffer.alloc(16, 9);
const traveller = { messageId, deviceKey: 'acme/d1' };
const { raw, parked, points, alarmEvents, rawDeadLetters, pointsDeadLetters, notificationAttempts: attempts } = topics;

/** The stream's values stand in the clear: these decoders take what the test wrote. */
const written = new Map<string, unknown>();
const codec = { decode: (bytes: Buffer) => written.get(bytes.toString('hex')) as never };

let count = 0;
function record(value: object, rest: Partial<ConsumedRecord> = {}): ConsumedRecord {
  const { messageId: id = otherId } = value as { messageId?: Buffer };
  const bytes = Buffer.concat([Buffer.of(++count), id]);
  written.set(bytes.toString('hex'), value);
  return { offset: String(count), key: null, value: bytes, timestamp: '1000', ...rest };
}

const rawBatch = (...ids: readonly Buffer[]) =>
  ({ messageId: ids[0], messages: ids.map((id) => ({ messageId: id, receivedAtMicros: 1 })) }) as unknown as RawBatch;
const list = (rest: Partial<DataRowList> = {}) =>
  ({
    messageId,
    part: 0,
    timeMicros: 1,
    rows: [{ name: 't', value: 1, quality: 0 }],
    scriptVersion: 's@1',
    warnings: [],
    ...rest,
  }) as unknown as DataRowList;
const event = (rest: Partial<AlarmEvent> = {}) =>
  ({
    messageId,
    eventId,
    ruleId: 'r',
    ruleName: 'R',
    signal: 't',
    value: 1,
    transition: 'raised',
    severityBefore: 'none',
    severity: 'minor',
    ...rest,
  }) as AlarmEvent;

let stored: number | MillraceError;
let evaluated: bigint;
let told: readonly string[];
let journey: Journey;

const ports: JourneyPorts = {
  codecs: { raw: codec, parked: codec, points: codec, alarmEvents: codec, attempts: codec },
  prepare: () => undefined,
  table: 'points_30d',
  countStored: async () => {
    if (typeof stored !== 'number') throw stored;
    return stored;
  },
  evaluatedOffset: async () => evaluated,
  toldOf: () => told,
};

beforeEach(() => {
  stored = 1;
  evaluated = 1_000n;
  told = [];
  journey = new Journey(ports);
});

/** All steps when these records are read in their order. */
async function stepsOf(...read: readonly (readonly [{ readonly name: string }, ConsumedRecord])[]) {
  const follower = { caughtUp: () => Promise.resolve(), close: () => Promise.resolve() };
  const steps = journey.steps(traveller, follower);
  const seen: JourneyStep[] = [];
  const reading = (async () => {
    for await (const step of steps) seen.push(step);
  })();
  for (const [topic, one] of read) await journey.onRecords(topic.name, 3, [one]);
  await reading;
  return seen;
}

const names = (steps: readonly JourneyStep[]): readonly string[] => steps.map(({ step }) => step);

test('a message without an alarm is seen in both topics, in the store, and evaluated', async () => {
  const steps = await stepsOf(
    [raw, record(rawBatch(otherId, messageId), { value: null })],
    [raw, record({ ...rawBatch(messageId, otherId), messageId })],
    [points, record(list())],
  );
  expect(names(steps).toSorted()).toEqual(['ended', 'evaluated', 'points', 'raw', 'stored']);
  expect(steps[0]).toMatchObject({ partition: 3, index: 0, messages: 2, at: '1970-01-01T00:00:01.000Z' });
  expect(steps.at(-1)).toMatchObject({ waitingFor: [] });
});

test('an alarm is followed to the last who is told', async () => {
  told = ['mail a@x', 'mail b@x'];
  const attempt = (recipient: string, outcome: string) =>
    record(
      { outcome, channelId: 'mail', recipient, detail: '', timeMicros: 0 },
      { key: Buffer.from(eventId.toString('hex')) },
    );
  const steps = await stepsOf(
    [raw, record(rawBatch(messageId))],
    [points, record(list())],
    [alarmEvents, record(event())],
    [attempts, attempt('a@x', 'started')],
    [attempts, attempt('a@x', 'failed')],
    [attempts, attempt('a@x', 'delivered')],
    [attempts, attempt('b@x', 'abandoned')],
    [attempts, record({ outcome: 'delivered' }, { key: Buffer.from('another event') })],
  );
  const notified = steps.flatMap((one) => (one.step === 'notified' ? [`${one.recipient} ${one.outcome}`] : []));
  expect(notified).toEqual(['a@x failed', 'a@x delivered', 'b@x abandoned']);
  expect(steps.find(({ step }) => step === 'evaluated')).toMatchObject({ transitions: 1 });
});

test('a message that is parked says why it takes longer, and goes on from there', async () => {
  const parkedBatch = (id: Buffer) => record({ messageId: id, reason: 'slow', raw: rawBatch(id) });
  const steps = await stepsOf(
    [raw, record(rawBatch(messageId))],
    [parked, parkedBatch(otherId)],
    [parked, parkedBatch(messageId)],
    [points, record(list())],
  );
  expect(names(steps).toSorted()).toEqual(['ended', 'evaluated', 'parked', 'points', 'raw', 'stored']);
  expect(steps[1]).toMatchObject({ step: 'parked', reason: 'slow' });
});

test('a dead letter ends the way of the message', async () => {
  const headers = { 'errors.code': 'script_threw', 'errors.stage': 'parser.script', 'errors.message': 'No.' };
  const letter = (key: string) => record({ messageId }, { key: Buffer.from(key), headers });
  const steps = await stepsOf(
    [raw, record(rawBatch(messageId))],
    [rawDeadLetters, letter('acme/other')],
    [rawDeadLetters, letter('acme/d1')],
  );
  expect(names(steps)).toEqual(['raw', 'dead-letter', 'ended']);
  expect(steps[1]).toMatchObject({ topic: rawDeadLetters.name, code: 'script_threw', detail: 'No.' });
});

test('rows that the historian put aside are not waited for', async () => {
  stored = 0;
  const headers = { 'errors.stage': 'historian.store' };
  const steps = await stepsOf(
    [raw, record(rawBatch(messageId))],
    [points, record(list())],
    [pointsDeadLetters, record({ messageId }, { key: Buffer.from('acme/d1'), headers })],
  );
  expect(names(steps).toSorted()).toEqual(['dead-letter', 'ended', 'evaluated', 'points', 'raw']);
});

test('records of others that only hold the same bytes are none of it', async () => {
  const others = [
    [raw, record({ ...rawBatch(otherId), messageId })],
    [points, record({ ...list(), part: 1 })],
  ] as const;
  const following = stepsOf(...others);
  await Promise.resolve();
  setImmediate(() => journey.end());
  expect(await following).toEqual([expect.objectContaining({ waitingFor: ['raw record', 'points or dead letter'] })]);
});
