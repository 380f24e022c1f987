/**
 * Takes one delivery one step further: an attempt when one is due, with its beginning and its end in the ledger. What is
 * left for later comes again with the next reading of its event.
 */
import { type Channel, isPaced, oneLine } from '@millrace/channels';
import { asMillraceError, MillraceError, type NotificationAttempt } from '@millrace/contracts';
import { BreakerOpen, type Clock } from '@millrace/kernel';
import type { Emitter } from '@millrace/observe';
import { attemptsMax, nextStep, type Outcome } from './attempt-policy.ts';
import { type Delivery, deliveryName } from './delivery.ts';
import type { Ledger } from './ledger.ts';
import type { NotificationWriter } from './notification-writer.ts';
import type { notifierEvents } from './notifier-events.ts';
import type { OpenChannel, OpenChannels } from './open-channels.ts';

/** The ledger keeps one line about an attempt. */
const detailCharsMax = 300;

/** How a delivery stands after a step. `delivered` and `abandoned` are ends; `known`: it had ended before this process knew of it. */
export type DeliveryState = 'delivered' | 'abandoned' | 'known' | 'waiting';

export interface CourierParts {
  readonly ledger: Ledger;
  /** Resolves when the attempt is durable and in `ledger`. */
  readonly record: (attempt: NotificationAttempt, signal: AbortSignal) => Promise<void>;
  readonly channels: OpenChannels;
  readonly writer: NotificationWriter;
  readonly emit: Emitter<typeof notifierEvents>;
  /** Called for each delivery that reached its receiver. */
  readonly onDelivered: (delivery: Delivery) => void;
  readonly clock: Clock;
}

export interface DeliveryTry {
  readonly delivery: Delivery;
  /** A delivery whose channel was not even tried until then is given up: UTC milliseconds. */
  readonly waitUntilMs: number;
  /** Puts the event aside for a person, durably; called before a delivery is given up. */
  readonly putAside: (reason: MillraceError, attempt: number) => Promise<void>;
}

/** The channel may not be asked now: nothing was tried, so it is no attempt. */
class ChannelPaused extends MillraceError {}

function refuseWhilePaused(channel: Channel): void {
  if (isPaced(channel) && channel.pauseMs > 0)
    throw new ChannelPaused('channel_unavailable', 'The channel takes no more at this rate.');
}

export class Courier {
  readonly #parts: CourierParts;
  /** Ended by this process, so that a later reading of the event is no repeat. */
  readonly #ownEnds = new WeakSet<object>();

  constructor(parts: CourierParts) {
    this.#parts = parts;
  }

  /** Throws only what has nothing to do with the delivery: Kafka is away, or the signal's reason. */
  async step(task: DeliveryTry, signal: AbortSignal): Promise<DeliveryState> {
    const { ledger, clock, emit } = this.#parts;
    const { delivery } = task;
    const entry = ledger.entryOf(delivery.eventId, deliveryName(delivery));
    const step = nextStep(entry, clock.nowMs());
    switch (step.kind) {
      case 'none':
        if (entry === undefined || !this.#ownEnds.has(entry)) return 'known';
        return entry.outcome === 'abandoned' ? 'abandoned' : 'delivered';
      case 'wait':
        return 'waiting';
      case 'abandon':
        return this.#giveUp(
          task,
          step.attempt,
          new MillraceError('channel_unavailable', 'No attempt came to an end.'),
          signal,
        );
      case 'attempt': {
        const { tenant } = delivery.event;
        if (step.interrupted)
          emit.deliveryInterrupted({ tenant, eventId: delivery.eventId, channelId: delivery.channelId });
        return this.#attempt(task, step.attempt, signal);
      }
    }
  }

  async #attempt(task: DeliveryTry, attempt: number, signal: AbortSignal): Promise<DeliveryState> {
    const { channels, onDelivered } = this.#parts;
    const { delivery } = task;
    try {
      const open = channels.channelOf(delivery.event.tenant, delivery.channelId);
      const detail = await open.limit.run(async () => {
        refuseWhilePaused(open.channel);
        return open.breaker.run(() => this.#send(delivery, open, attempt, signal));
      });
      await this.#end(delivery, attempt, 'delivered', detail, signal);
      onDelivered(delivery);
      return 'delivered';
    } catch (error) {
      signal.throwIfAborted();
      return this.#afterFailure(task, attempt, error, signal);
    }
  }

  /** The call itself; `started` is durable before it. */
  async #send(delivery: Delivery, open: OpenChannel, attempt: number, signal: AbortSignal): Promise<string> {
    const notification = this.#parts.writer.write(delivery, open.channel);
    await this.#record(delivery, attempt, 'started', '', signal);
    const { detail } = await open.channel.send(notification, delivery.recipient, signal);
    return detail;
  }

  async #afterFailure(task: DeliveryTry, attempt: number, error: unknown, signal: AbortSignal): Promise<DeliveryState> {
    const failure = asMillraceError(error);
    // Kafka's troubles are no answer of the channel.
    if (failure.code === 'stream_unavailable') throw failure;
    if (failure instanceof BreakerOpen || failure instanceof ChannelPaused) {
      if (this.#parts.clock.nowMs() < task.waitUntilMs) return 'waiting';
      return this.#giveUp(task, attempt, failure, signal);
    }
    const { eventId, channelId, event } = task.delivery;
    const { code, message: reason } = failure;
    this.#parts.emit.attemptFailed({ tenant: event.tenant, eventId, channelId, attempt, code, reason, error });
    if (failure.retry === 'never' || attempt >= attemptsMax) return this.#giveUp(task, attempt, failure, signal);
    await this.#record(task.delivery, attempt, 'failed', failure.message, signal);
    return 'waiting';
  }

  async #giveUp(
    task: DeliveryTry,
    attempt: number,
    reason: MillraceError,
    signal: AbortSignal,
  ): Promise<DeliveryState> {
    const { delivery } = task;
    await task.putAside(reason, attempt);
    await this.#end(delivery, attempt, 'abandoned', reason.message, signal);
    const { eventId, channelId, event } = delivery;
    this.#parts.emit.deliveryAbandoned({ tenant: event.tenant, eventId, channelId, attempt, reason: reason.message });
    return 'abandoned';
  }

  async #end(
    delivery: Delivery,
    attempt: number,
    outcome: 'delivered' | 'abandoned',
    detail: string,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#record(delivery, attempt, outcome, detail, signal);
    const entry = this.#parts.ledger.entryOf(delivery.eventId, deliveryName(delivery));
    if (entry) this.#ownEnds.add(entry);
  }

  async #record(
    { event, channelId, recipient }: Delivery,
    attempt: number,
    outcome: Outcome,
    detail: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { tenant, deviceUid, eventId } = event;
    const kind = this.#parts.channels.kindOf(tenant, channelId) ?? '';
    const timeMicros = Math.round(this.#parts.clock.nowMs() * 1_000);
    const line = oneLine(detail, detailCharsMax);
    const about = { eventId, tenant, deviceUid, channelId, kind, recipient };
    await this.#parts.record({ ...about, attempt, outcome, detail: line, timeMicros }, signal);
  }
}
