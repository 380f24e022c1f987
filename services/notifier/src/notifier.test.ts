import { type AlarmEvent, type AlarmRuleConfig, MillraceError } from '@millrace/contracts';
import type { ConsumedRecord, DeadLetter, RecordBatch } from '@millrace/kafka';
import { Accounting, emitterOf, Metrics } from '@millrace/observe';
import { ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';
import type { DeliveryState, DeliveryTry } from './courier.ts';
import { Notifier } from './notifier.ts';
import { notifierEvents } from './notifier-events.ts';
import { eventOf, ruleOf } from './testing/events.ts';

const dayMs = 24 * 3_600_000;

class World {
  readonly clock = new ManualClock(10 * dayMs);
  readonly letters: DeadLetter[] = [];
  readonly assignment = new AbortController();
  readonly #accounting = new Accounting('notifier', 'test');
  rule: AlarmRuleConfig | undefined = ruleOf('a@mill.example');
  /** Of the tenant. */
  refusal: MillraceError | undefined;
  /** By event id; default: delivered. */
  readonly states = new Map<number, DeliveryState | Error>();
  steps = 0;
  /** When the records were written; default: now. */
  recordMs: number | undefined;
  settled = 0;

  readonly notifier = new Notifier({
    codec: {
      decode: (bytes) => {
        if (bytes.length !== 1) throw new MillraceError('undecodable_record', 'Garbage.');
        return this.event(bytes[0] ?? 0);
      },
    },
    refusalOf: () => this.refusal,
    ruleOf: () => this.rule,
    courier: { step: (task) => this.#step(task) },
    deadLetters: { write: async (letters) => void this.letters.push(...letters) },
    hop: this.#accounting.hop('notify'),
    emit: emitterOf(notifierEvents, { write: () => undefined }, new Metrics('notifier')),
    clock: this.clock,
  });

  /** Event 99 is two days old. */
  event(number: number): AlarmEvent {
    const receivedAtMicros = (this.clock.nowMs() - (number === 99 ? 2 * dayMs : 0)) * 1_000;
    return eventOf({ eventId: Buffer.alloc(16, number), receivedAtMicros });
  }

  notify(...values: readonly (number | string)[]): Promise<void> {
    this.settled = 0;
    const timestamp = String(this.recordMs ?? this.clock.nowMs());
    const records = values.map((value, index): ConsumedRecord => {
      const bytes = typeof value === 'number' ? Buffer.from([value]) : Buffer.from(value);
      return { offset: String(100 + index), key: Buffer.from('k'), value: bytes, timestamp };
    });
    const batch: RecordBatch = {
      topic: 'alarm.events.v1',
      partition: 2,
      recordsBehind: 0,
      records,
      signal: this.assignment.signal,
      settle: (count) => (this.settled = count),
      settleBefore: () => undefined,
      commit: () => Promise.resolve(),
      heartbeat: () => Promise.resolve(),
    };
    return this.notifier.notify(batch);
  }

  get hop() {
    return this.#accounting.report().hops[0];
  }

  #step({ delivery }: DeliveryTry): Promise<DeliveryState> {
    this.steps += 1;
    const state = this.states.get(delivery.event.eventId[0] ?? 0) ?? 'delivered';
    return state instanceof Error ? Promise.reject(state) : Promise.resolve(state);
  }
}

test('events whose deliveries have ended are settled and counted', async () => {
  const world = new World();
  world.states.set(2, 'known').set(3, 'abandoned');
  await world.notify(1, 2, 3);
  expect(world.settled).toBe(3);
  expect(world.hop).toMatchObject({ in: 3, out: 1, repeated: 1, deadLettered: 1, inFlight: 0 });
});

test('one that waits holds back what is settled, but not the deliveries of others', async () => {
  const world = new World();
  world.states.set(2, 'waiting');
  await expect(world.notify(1, 2, 3)).rejects.toMatchObject({ code: 'channel_unavailable', retry: 'later' });
  expect(world.settled).toBe(1);
  expect(world.steps).toBe(3);
  expect(world.hop).toMatchObject({ in: 1, out: 1 });
});

test('an event that nobody is told of costs no step', async () => {
  const world = new World();
  world.rule = ruleOf();
  await world.notify(1, 2);
  expect(world.steps).toBe(0);
  expect(world.settled).toBe(2);
  expect(world.hop).toMatchObject({ in: 2, out: 2 });
});

test.each(['tenant_suspended', 'tenant_deleted'] as const)(
  'nobody is told of events with %s: they are settled, counted, and leave no letter, also those that waited',
  async (code) => {
    const world = new World();
    world.states.set(1, 'waiting');
    await expect(world.notify(1, 2)).rejects.toMatchObject({ code: 'channel_unavailable' });
    world.refusal = new MillraceError(code, 'Not active.');
    await world.notify(1, 2);
    expect(world.steps).toBe(2);
    expect(world.settled).toBe(2);
    expect(world.letters).toEqual([]);
    expect(world.hop).toMatchObject({ in: 2, out: 0, rejected: { [code]: 2 }, inFlight: 0 });
    world.refusal = undefined;
    await world.notify(3);
    expect(world.hop).toMatchObject({ in: 3, out: 1 });
  },
);

test('an event of the day before yesterday is not told any more', async () => {
  const world = new World();
  await world.notify(99, 1);
  expect(world.steps).toBe(1);
  expect(world.settled).toBe(2);
});

test('an event of a rule that is unknown waits for the configuration, then is put aside', async () => {
  const world = new World();
  world.rule = undefined;
  const writtenMs = world.clock.nowMs();
  await expect(world.notify(1)).rejects.toMatchObject({ retry: 'later' });
  expect(world.settled).toBe(0);
  await world.clock.advance(5_000);
  world.recordMs = writtenMs;
  await world.notify(1);
  expect(world.settled).toBe(1);
  expect(world.letters).toMatchObject([{ code: 'not_found' }]);
});

test('a record that is no event is put aside, and the others are told', async () => {
  const world = new World();
  await world.notify('garbage', 1);
  expect(world.letters).toMatchObject([
    {
      topic: 'alarm.events.v1',
      partition: 2,
      offset: '100',
      code: 'undecodable_record',
      value: Buffer.from('garbage'),
    },
  ]);
  expect(world.settled).toBe(2);
});

test('when Kafka is away, what came before is settled and the rest comes again', async () => {
  const world = new World();
  const away = new MillraceError('stream_unavailable', 'Kafka is away.');
  world.states.set(2, away);
  await expect(world.notify(1, 2, 3)).rejects.toBe(away);
  expect(world.settled).toBe(1);
});

test('a partition that was lost settles nothing', async () => {
  const world = new World();
  const revoked = new Error('revoked');
  world.assignment.abort(revoked);
  await expect(world.notify(1)).rejects.toBe(revoked);
  expect(world.settled).toBe(0);
});
