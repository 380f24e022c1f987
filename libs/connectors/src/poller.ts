/** Asks one other side, again and again, for as long as the connection is open; what it says becomes messages. */
import { once } from 'node:events';
import { asMillraceError, type ErrorCode, MillraceError } from '@millrace/contracts';
import { BackPressure, type BackPressureLimits } from './back-pressure.ts';
import type { ConnectionState, ConnectorHandle, ConnectorPorts } from './connector.ts';
import { type Delivery, Intake } from './intake.ts';
import { type Loss, Reconnection } from './reconnection.ts';

/** What was polled during an outage is kept; what is beyond a quota would only make the next polls late. */
const waitsFor: ReadonlySet<ErrorCode> = new Set(['overloaded']);

/** The other side, as long as it answers. */
export interface Polled {
  /** Aborted when it is over; the reason is the MillraceError that ended it. */
  readonly over: AbortSignal;
  /** What it says now. A rejection ends it; so does `end`, and the poll under way rejects then. */
  poll(): Promise<readonly Delivery[]>;
  end(reason: MillraceError): void;
}

/** The other side, whether it answers or not. */
export interface PollSource {
  /** See `Reconnection`. */
  readonly refusals: ReadonlySet<ErrorCode>;
  /** Resolves when the other side is there; rejects with a MillraceError, or with anything when the signal aborts. */
  connect(stopping: AbortSignal): Promise<Polled>;
  /** These did not become durable. They are counted already; whoever can asks for them again. */
  lost(deliveries: readonly Delivery[]): void;
  /** Nothing will be asked any more. */
  closed(): void;
}

export interface PollerParts {
  readonly ports: ConnectorPorts;
  readonly intervalMs: number;
  /** What may wait for Kafka; then nothing is asked until there is room. */
  readonly waitingMax: BackPressureLimits;
  readonly source: PollSource;
}

export class Poller implements ConnectorHandle {
  readonly #parts: PollerParts;
  readonly #ports: ConnectorPorts;
  readonly #signal: AbortSignal;
  readonly #intake: Intake;
  readonly #backPressure: BackPressure;
  readonly #reconnection: Reconnection;
  readonly #closing = new AbortController();
  readonly #finished: Promise<void>;
  #polled: Polled | undefined;
  #received = 0;
  #acknowledged = 0;
  #pausedAtMs = 0;
  /** The tenant's quota is used up until then. */
  #quotaBackMs = -Infinity;
  #onQuiet: () => void = () => {};

  constructor(parts: PollerParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#ports = parts.ports;
    this.#signal = signal;
    const outcome = {
      durable: (delivery: Delivery) => this.#settled(delivery, delivery.messages),
      failed: (error: unknown, deliveries: readonly Delivery[]) => this.#lose(error, deliveries),
      roomChanged: () => {},
    };
    this.#intake = new Intake(parts.ports, outcome, waitsFor);
    const reading = { pause: () => this.#pause(), resume: () => this.#resume() };
    this.#backPressure = new BackPressure(parts.waitingMax, reading);
    const connectOnce = (stopping: AbortSignal) => this.#connectOnce(stopping);
    this.#reconnection = new Reconnection({ ports: parts.ports, refusals: parts.source.refusals, connectOnce });
    signal.addEventListener('abort', () => this.#intake.stop(), { once: true });
    this.#finished = this.#reconnection.run(AbortSignal.any([signal, this.#closing.signal]));
    void this.#finished.then(() => parts.source.closed());
  }

  get state(): ConnectionState {
    return {
      ...this.#reconnection.state,
      received: this.#received,
      acknowledged: this.#acknowledged,
      unacknowledged: this.#backPressure.messages,
    };
  }

  /** What went wrong although the polling goes on. */
  note(failure: MillraceError): void {
    this.#reconnection.note(failure);
  }

  async close(signal: AbortSignal): Promise<void> {
    this.#closing.abort();
    await this.#finished;
    const quiet = new Promise<void>((resolve) => (this.#onQuiet = resolve));
    const ended = AbortSignal.any([signal, this.#signal]);
    if (this.#backPressure.messages > 0 && !ended.aborted) await Promise.race([quiet, once(ended, 'abort')]);
    this.#intake.stop();
  }

  async #connectOnce(stopping: AbortSignal): Promise<Loss | undefined> {
    let polled: Polled;
    try {
      polled = await this.#parts.source.connect(stopping);
    } catch (error) {
      return stopping.aborted ? undefined : this.#loss(asMillraceError(error));
    }
    this.#polled = polled;
    stopping.addEventListener('abort', () => polled.end(closed), { signal: polled.over });
    if (stopping.aborted) polled.end(closed);
    else this.#reconnection.connected(false);
    try {
      await this.#poll(polled);
    } catch (error) {
      polled.end(asMillraceError(error));
    }
    return stopping.aborted ? undefined : this.#loss(asMillraceError(polled.over.reason));
  }

  /** Until it is over; throws why. Beginnings keep their distance; what comes too late is left out. */
  async #poll(polled: Polled): Promise<void> {
    const { clock } = this.#ports;
    const { intervalMs } = this.#parts;
    let dueMs = clock.monotonicMs();
    for (;;) {
      polled.over.throwIfAborted();
      if (clock.monotonicMs() < this.#quotaBackMs) this.#skip();
      else if (!this.#backPressure.paused) this.#offer(await polled.poll(), polled);
      const lateMs = clock.monotonicMs() - dueMs;
      dueMs += intervalMs * Math.max(1, Math.ceil(lateMs / intervalMs));
      await clock.sleep(Math.max(0, dueMs - clock.monotonicMs()), polled.over);
    }
  }

  #offer(deliveries: readonly Delivery[], { over }: Polled): void {
    over.throwIfAborted();
    for (const delivery of deliveries) {
      this.#received += delivery.messages;
      this.#backPressure.add(delivery.messages, delivery.bytes);
      this.#intake.offer(delivery);
    }
  }

  /** A poll that the quota does not allow is a message that it refuses; the other side is left alone. */
  #skip(): void {
    this.#ports.hop.in(1);
    this.#ports.hop.rejected('quota_exceeded', 1);
  }

  /** Counted by the intake. Without the lease nothing may be asked; after everything else the next poll goes on. */
  #lose(error: unknown, deliveries: readonly Delivery[]): void {
    const reason = asMillraceError(error);
    const { code, message: example, quota } = reason;
    const messages = deliveries.reduce((sum, delivery) => sum + delivery.messages, 0);
    if (code === 'lease_lost') this.#polled?.end(reason);
    // The gate tells of a quota that is reached, once for all connections.
    if (quota) this.#quotaBackMs = this.#ports.clock.monotonicMs() + (quota.retryAfterSeconds ?? 0) * 1_000;
    else this.#ports.events.messagesRejected({ code, messages, example });
    this.#parts.source.lost(deliveries);
    for (const delivery of deliveries) this.#settled(delivery, 0);
  }

  #settled({ messages, bytes }: Delivery, acknowledged: number): void {
    this.#acknowledged += acknowledged;
    this.#backPressure.remove(messages, bytes);
    if (this.#backPressure.messages === 0) this.#onQuiet();
  }

  #loss(reason: MillraceError): Loss {
    return { reason, unacknowledged: this.#backPressure.messages };
  }

  #pause(): void {
    this.#pausedAtMs = this.#ports.clock.monotonicMs();
    const { messages, bytes } = this.#backPressure;
    this.#ports.events.paused({ unacknowledged: messages, unacknowledgedBytes: bytes });
  }

  #resume(): void {
    this.#ports.events.resumed({ pausedMs: this.#ports.clock.monotonicMs() - this.#pausedAtMs });
  }
}

const closed = new MillraceError('not_ready', 'The connection was closed.');
