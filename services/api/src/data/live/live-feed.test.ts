import { type AlarmEvent, type DataRowList, MillraceError, topics } from '@millrace/contracts';
import type { ConsumedRecord } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { beforeEach, expect, test, vi } from 'vitest';
import { eventsIn, type StreamEvent } from '../../screen/event-stream.ts';
import { LiveFeed, type LiveFeedParts, type LiveRequest } from './live-feed.ts';
import type { LiveFilter } from './live-filter.ts';

const all: LiveFilter = {
  kinds: new Set(['points', 'alarms']),
  devices: undefined,
  signals: undefined,
  severities: undefined,
};

/** Two topics in memory: what is written is handed to everybody who follows. */
class MemoryTopics {
  readonly followers = new Set<Parameters<LiveFeedParts['follow']>[0]>();
  followed = 0;
  decoded = 0;
  skipped = 0;
  away = false;
  deleted = '';

  readonly parts: LiveFeedParts = {
    follow: async (onRecords) => {
      if (this.away) throw new Error('Kafka is away');
      this.followed += 1;
      this.followers.add(onRecords);
      return { close: async () => void this.followers.delete(onRecords) };
    },
    prepare: () => undefined,
    decodePoints: (value) => this.#decode(value) as DataRowList,
    isDeleted: (tenant) => tenant === this.deleted,
    decodeAlarm: (value) => this.#decode(value) as AlarmEvent,
    clock: systemClock,
    events: { liveMissed: () => undefined, liveRecordsSkipped: ({ records }) => void (this.skipped += records) },
  };

  async write(topic: string, key: string, value: object): Promise<void> {
    const text = JSON.stringify(value, (_, one: unknown) => one);
    const record: ConsumedRecord = { offset: '0', timestamp: '0', key: Buffer.from(key), value: Buffer.from(text) };
    await Promise.all([...this.followers].map((onRecords) => onRecords(topic, 0, [record])));
  }

  #decode(value: Buffer): object {
    this.decoded += 1;
    const decoded = JSON.parse(value.toString()) as Record<string, unknown>;
    for (const id of ['eventId', 'alarmId']) if (id in decoded) decoded[id] = Buffer.from(String(decoded[id]), 'hex');
    return decoded;
  }
}

const points = (deviceUid: string, ...names: readonly string[]): object => ({
  deviceUid,
  timeMicros: 1_000_000,
  receivedAtMicros: 2_000_000,
  rows: names.map((name) => ({ name, value: 1.5, quality: 0, timeOffsetMicros: 7 })),
});

const alarm = (severityBefore: string, severity: string): object => ({
  eventId: '0a',
  alarmId: '0b',
  deviceUid: 'd1',
  ruleId: 'r',
  ruleName: 'R',
  signal: 't',
  transition: 'changed',
  severityBefore,
  severity,
  value: 3,
  low: 2,
  high: null,
  timeMicros: 5,
});

let memory: MemoryTopics;
let feed: LiveFeed;

beforeEach(() => {
  memory = new MemoryTopics();
  feed = new LiveFeed(memory.parts);
});

interface Listener {
  readonly events: AsyncGenerator<StreamEvent>;
  readonly leave: () => void;
}

async function listen(request: Partial<LiveRequest> = {}): Promise<Listener> {
  const gone = new AbortController();
  const asked = { tenant: 'acme', filter: all, lastEventId: undefined, refusal: () => undefined, ...request };
  const pieces = await feed.open(asked, () => undefined, gone.signal);
  return { events: eventsIn(textOf(pieces)), leave: () => gone.abort() };
}

async function* textOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  for await (const piece of pieces) yield Buffer.from(piece).toString();
}

async function next({ events }: Listener): Promise<unknown> {
  const { value } = (await events.next()) as { value: StreamEvent };
  return { event: value.name, ...(JSON.parse(value.text) as object) };
}

test('points of the tenant are told after the stream has started, and of no other tenant', async () => {
  const listener = await listen();
  expect(await next(listener)).toMatchObject({ event: 'started' });
  await memory.write(topics.points.name, 'other/d1', points('d1', 't'));
  await memory.write(topics.points.name, 'acme/d1', points('d1', 't'));
  expect(await next(listener)).toEqual({
    event: 'points',
    device: 'd1',
    receivedAt: '1970-01-01T00:00:02.000000Z',
    points: [{ signal: 't', time: '1970-01-01T00:00:01.000007Z', value: 1.5, quality: 0 }],
  });
  expect(memory.decoded).toBe(1);
});

test('a filter lets through what it names', async () => {
  const listener = await listen({
    filter: { ...all, devices: new Set(['d1']), signals: new Set(['t']), severities: new Set(['major']) },
  });
  await next(listener);
  await memory.write(topics.points.name, 'acme/d2', points('d2', 't'));
  await memory.write(topics.points.name, 'acme/d1', points('d1', 'p'));
  await memory.write(topics.alarmEvents.name, 'acme/d1', alarm('none', 'minor'));
  await memory.write(topics.points.name, 'acme/d1', points('d1', 'p', 't'));
  await memory.write(topics.alarmEvents.name, 'acme/d1', alarm('major', 'minor'));
  expect(await next(listener)).toMatchObject({ event: 'points', points: [{ signal: 't' }] });
  expect(await next(listener)).toMatchObject({ event: 'alarm', severityBefore: 'major', low: 2, high: null });
  const onlyAlarms = await listen({ filter: { ...all, kinds: new Set(['alarms']) } });
  await next(onlyAlarms);
  await memory.write(topics.points.name, 'acme/d1', points('d1', 't'));
  await memory.write(topics.alarmEvents.name, 'acme/d1', alarm('none', 'minor'));
  expect(await next(onlyAlarms)).toMatchObject({ event: 'alarm' });
});

test('however many listen the topics are read and each record decoded once, and not at all when the last has left', async () => {
  const listeners = await Promise.all([listen(), listen(), listen({ filter: { ...all, devices: new Set(['d1']) } })]);
  for (const listener of listeners) await next(listener);
  expect([memory.followed, memory.followers.size]).toEqual([1, 1]);
  await memory.write(topics.points.name, 'acme/d1', points('d1', 't'));
  for (const listener of listeners) expect(await next(listener)).toMatchObject({ event: 'points' });
  expect(memory.decoded).toBe(1);
  for (const { leave } of listeners) leave();
  await vi.waitFor(() => expect(memory.followers.size).toBe(0));
  expect(feed.readers).toBe(0);
  await next(await listen());
  expect(memory.followed).toBe(2);
});

test('who was away is told since when, and gets an id to come back with', async () => {
  const first = await listen();
  const { value } = (await first.events.next()) as { value: StreamEvent };
  const { at } = JSON.parse(value.text) as { at: string };
  const again = await listen({ lastEventId: at });
  await next(again);
  expect(await next(again)).toMatchObject({ event: 'missed', reason: 'reconnected', points: null, from: at });
  const stranger = await listen({ lastEventId: 'no time' });
  await next(stranger);
  await memory.write(topics.points.name, 'acme/d1', points('d1', 't'));
  expect(await next(stranger)).toMatchObject({ event: 'points' });
});

test('a record that cannot be decoded is counted and stops nobody', async () => {
  const listener = await listen();
  await next(listener);
  await memory.write(topics.points.name, 'acme/d1', { deviceUid: 'd1' });
  await memory.write(topics.points.name, 'acme/d1', points('d1', 't'));
  expect(await next(listener)).toMatchObject({ event: 'points' });
  expect(memory.skipped).toBe(1);
});

test('a stream ends when its key is not valid any more', async () => {
  vi.useFakeTimers();
  try {
    let refusal: MillraceError | undefined;
    const listener = await listen({ refusal: () => refusal });
    await next(listener);
    refusal = new MillraceError('unauthenticated', 'The key was deleted.');
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await next(listener)).toMatchObject({ event: 'ended', code: 'unauthenticated' });
    expect((await listener.events.next()).done).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

test('a Kafka that is away is an answer, and the next one asks again', async () => {
  memory.away = true;
  await expect(listen()).rejects.toMatchObject({ code: 'stream_unavailable' });
  memory.away = false;
  expect(await next(await listen())).toMatchObject({ event: 'started' });
});

test('one tenant does not take all places', async () => {
  const listeners = await Promise.all(Array.from({ length: 1_000 }, () => listen()));
  await expect(listen()).rejects.toMatchObject({ code: 'overloaded' });
  expect(await next(await listen({ tenant: 'other' }))).toMatchObject({ event: 'started' });
  listeners[0]?.leave();
  expect(await next(await listen())).toMatchObject({ event: 'started' });
});

test('who listens is told that the service stops', async () => {
  const listener = await listen();
  await next(listener);
  await feed.close();
  expect(await next(listener)).toMatchObject({ event: 'ended', code: 'not_ready', retry: 'later' });
  expect(memory.followers.size).toBe(0);
});

test('nothing is told any more of a tenant that was deleted', async () => {
  const listener = await listen();
  await next(listener);
  memory.deleted = 'acme';
  await memory.write(topics.points.name, 'acme/d1', points('d1', 'hidden'));
  memory.deleted = '';
  await memory.write(topics.points.name, 'acme/d1', points('d1', 'shown'));
  expect(await next(listener)).toMatchObject({ points: [{ signal: 'shown' }] });
  listener.leave();
});
