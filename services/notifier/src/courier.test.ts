import type { Notification, PacedChannel } from '@millrace/channels';
import { type ChannelConfig, MillraceError, type NotificationAttempt } from '@millrace/contracts';
import { emitterOf, Metrics } from '@millrace/observe';
import { ManualClock } from '@millrace/testkit';
import { describe, expect, test } from 'vitest';
import { attemptsMax } from './attempt-policy.ts';
import { Courier, type DeliveryState } from './courier.ts';
import { deliveriesOf } from './delivery.ts';
import { Ledger } from './ledger.ts';
import { NotificationWriter } from './notification-writer.ts';
import { notifierEvents } from './notifier-events.ts';
import { OpenChannels } from './open-channels.ts';
import { eventOf, ruleOf } from './testing/events.ts';

const busy = new MillraceError('channel_unavailable', 'Mailbox busy.');
const channelConfig: ChannelConfig = {
  tenant: 'mill',
  channelId: 'mail',
  kind: 'fake',
  settings: {},
  secretsSealed: null,
};

/** A channel that answers as it is told; what it sees of the ledger at each call is kept. */
class World {
  readonly clock = new ManualClock(1_000_000);
  readonly written: NotificationAttempt[] = [];
  readonly sent: { notification: Notification; recipient: string; ledgerBefore: string[] }[] = [];
  readonly putAside: string[] = [];
  readonly metrics = new Metrics('notifier');
  configured = true;
  /** How long the channel may not be asked. */
  pauseMs = 0;
  answer: () => Promise<{ detail: string }> = () => Promise.resolve({ detail: '250 queued' });
  courier = this.start();

  /** A new process: it knows what is in the ledger. */
  start(): Courier {
    const ledger = new Ledger(this.clock);
    for (const attempt of this.written) ledger.apply(attempt);
    const pauseMs = (): number => this.pauseMs;
    const channel: PacedChannel = {
      get pauseMs() {
        return pauseMs();
      },
      escape: (value) => value,
      send: (notification, recipient) => {
        this.sent.push({ notification, recipient, ledgerBefore: this.outcomes });
        return this.answer();
      },
    };
    const template = { tenant: 'mill', templateId: 'text', subject: 's', body: 'b' };
    this.courier = new Courier({
      ledger,
      record: async (attempt) => {
        this.written.push(attempt);
        ledger.apply(attempt);
      },
      channels: new OpenChannels(
        { channels: new Map(), channel: () => (this.configured ? channelConfig : undefined) },
        new Map([['fake', { open: () => channel, close: () => undefined }]]),
        () => ({}),
      ),
      writer: new NotificationWriter(
        { device: () => undefined, product: () => undefined, template: () => template },
        () => undefined,
      ),
      emit: emitterOf(notifierEvents, { write: () => undefined }, new Metrics('notifier')),
      onDelivered: () => undefined,
      clock: this.clock,
    });
    return this.courier;
  }

  get outcomes(): string[] {
    return this.written.map(({ attempt, outcome }) => `${attempt} ${outcome}`);
  }

  step(recipient = 'a@mill.example', signal = new AbortController().signal): Promise<DeliveryState> {
    const [delivery] = deliveriesOf(eventOf(), ruleOf(recipient));
    const putAside = async ({ code }: MillraceError, attempt: number): Promise<void> => {
      this.putAside.push(`${code} ${attempt}, ledger: ${this.outcomes.at(-1)}`);
    };
    return this.courier.step({ delivery: delivery!, waitUntilMs: 2_000_000, putAside }, signal);
  }
}

describe('a delivery', () => {
  test('is in the ledger before the call and after it', async () => {
    const world = new World();
    expect(await world.step()).toBe('delivered');
    expect(world.sent.map(({ ledgerBefore }) => ledgerBefore)).toEqual([['1 started']]);
    expect(world.outcomes).toEqual(['1 started', '1 delivered']);
    expect(world.written.at(-1)).toMatchObject({
      kind: 'fake',
      detail: '250 queued',
      tenant: 'mill',
      channelId: 'mail',
    });
  });

  test('is not sent again by this process, nor by the next', async () => {
    const world = new World();
    await world.step();
    expect(await world.step()).toBe('delivered');
    world.start();
    expect(await world.step()).toBe('known');
    expect(world.sent).toHaveLength(1);
  });

  test('that was cut off by the end of a process is sent again under the same id, as the next attempt', async () => {
    const world = new World();
    world.answer = () => new Promise(() => undefined);
    void world.step();
    await world.clock.advance(0);
    world.answer = () => Promise.resolve({ detail: 'ok' });
    world.start();
    expect(await world.step()).toBe('delivered');
    expect(world.outcomes).toEqual(['1 started', '2 started', '2 delivered']);
    expect(world.sent[1]?.notification.id).toBe(world.sent[0]?.notification.id);
  });

  test('whose channel may not be asked at this rate waits, and that is no attempt', async () => {
    const world = new World();
    world.pauseMs = 60_000;
    expect(await world.step()).toBe('waiting');
    expect(world.outcomes).toEqual([]);
    world.pauseMs = 0;
    expect(await world.step()).toBe('delivered');
    expect(world.outcomes).toEqual(['1 started', '1 delivered']);
  });

  test('that failed for now is tried again after a pause', async () => {
    const world = new World();
    world.answer = () => Promise.reject(busy);
    expect(await world.step()).toBe('waiting');
    expect(await world.step()).toBe('waiting');
    world.answer = () => Promise.resolve({ detail: 'ok' });
    await world.clock.advance(1_000);
    expect(await world.step()).toBe('delivered');
    expect(world.outcomes).toEqual(['1 started', '1 failed', '2 started', '2 delivered']);
  });

  test('that fails again and again is abandoned after the last attempt, with a letter before the end in the ledger', async () => {
    const world = new World();
    world.answer = () => Promise.reject(busy);
    for (let attempt = 1; attempt < attemptsMax; attempt++) {
      expect(await world.step(), `attempt ${attempt}`).toBe('waiting');
      await world.clock.advance(200_000);
    }
    expect(await world.step()).toBe('abandoned');
    expect(world.putAside).toEqual([`channel_unavailable ${attemptsMax}, ledger: ${attemptsMax} started`]);
    expect(world.outcomes.at(-1)).toBe(`${attemptsMax} abandoned`);
    expect(await world.step()).toBe('abandoned');
    expect(world.sent).toHaveLength(attemptsMax);
  });

  test('that the receiver refuses for ever is abandoned at once', async () => {
    const world = new World();
    world.answer = () => Promise.reject(new MillraceError('recipient_rejected', 'No such user.'));
    expect(await world.step()).toBe('abandoned');
    expect(world.putAside).toEqual(['recipient_rejected 1, ledger: 1 started']);
    expect(world.written.at(-1)).toMatchObject({ outcome: 'abandoned', detail: 'No such user.' });
  });

  test('whose channel is not configured yet waits, without a call', async () => {
    const world = new World();
    world.configured = false;
    expect(await world.step()).toBe('waiting');
    world.configured = true;
    await world.clock.advance(1_000);
    expect(await world.step()).toBe('delivered');
    expect(world.outcomes).toEqual(['1 failed', '2 started', '2 delivered']);
  });

  test('that is stopped in the middle leaves its beginning in the ledger and nothing else', async () => {
    const world = new World();
    const stop = new AbortController();
    world.answer = () => {
      stop.abort(new Error('The service stops.'));
      return Promise.reject(busy);
    };
    await expect(world.step('a@mill.example', stop.signal)).rejects.toThrow('stops');
    expect(world.outcomes).toEqual(['1 started']);
  });

  test('does not count as failed when Kafka is away', async () => {
    const world = new World();
    world.answer = () => Promise.reject(new MillraceError('stream_unavailable', 'Kafka is away.'));
    await expect(world.step()).rejects.toMatchObject({ code: 'stream_unavailable' });
    expect(world.outcomes).toEqual(['1 started']);
  });
});

describe('a channel that is away', () => {
  test('costs those who wait no attempts, until its time is over', async () => {
    const world = new World();
    world.answer = () => Promise.reject(busy);
    const recipients = Array.from({ length: 20 }, (_, index) => `r${index}@mill.example`);
    const states = await Promise.all(recipients.map((recipient) => world.step(recipient)));
    expect(new Set(states)).toEqual(new Set(['waiting']));
    expect(world.sent.length).toBeLessThan(20);
    await world.clock.advance(1_000_001);
    expect(await world.step('r19@mill.example')).toBe('abandoned');
    expect(world.putAside[0]).toMatch(/^channel_unavailable 1/);
  });

  test('is never called more often at once than its limit', async () => {
    const world = new World();
    let running = 0;
    let runningMax = 0;
    world.answer = async () => {
      runningMax = Math.max(runningMax, (running += 1));
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return { detail: 'ok' };
    };
    await Promise.all(Array.from({ length: 30 }, (_, index) => world.step(`r${index}@mill.example`)));
    expect(runningMax).toBe(8);
    expect(world.sent).toHaveLength(30);
  });
});
