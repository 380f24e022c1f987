/**
 * Hands what one connection received to the sink, in order, and says when it is durable. While the sink is overloaded, or the
 * tenant has to wait for its quota, deliveries wait here; how many there can be is bounded by the back-pressure on their source.
 */
import { asMillraceError, type ErrorCode, type MillraceError, type ReceivedMessage } from '@millrace/contracts';
import type { ConnectorPorts, RejectedMessage } from './connector.ts';

/** How soon an overloaded sink is asked again when nothing of ours becomes durable meanwhile. */
const retryMs = 20;

/** A quota says when to come again; it may be raised before. */
const quotaRetryMsMax = 5_000;

/** Messages in one call of the sink: several reads of a busy socket, and no more than a sink takes easily. */
const callMessagesMax = 1_000;

/** Messages that came together, such as in one read of a socket. */
export interface Delivery {
  readonly accepted: readonly ReceivedMessage[];
  readonly rejected: readonly RejectedMessage[];
  /** Durable since an earlier connection (MQTT, QoS 2): only their receipt is due again. */
  readonly repeated: number;
  /** All of them: accepted, rejected and repeated. */
  readonly messages: number;
  readonly bytes: number;
}

/** What the connection does when a delivery is through. Not called after `stop`. */
export interface IntakeOutcome<D extends Delivery> {
  durable(delivery: D): void;
  /** The sink or the dead letters failed: these are not durable. */
  failed(error: unknown, deliveries: readonly D[]): void;
  /** The sink has no room any more, or has it again: see `blocked`. */
  roomChanged(): void;
}

export class Intake<D extends Delivery = Delivery> {
  readonly #ports: ConnectorPorts;
  readonly #outcome: IntakeOutcome<D>;
  readonly #waitsFor: ReadonlySet<ErrorCode>;
  readonly #stopping = new AbortController();
  #waiting: D[] = [];
  /** The next call of the sink. */
  #turn: NodeJS.Immediate | undefined;
  #blocked = false;

  /** `waitsFor`: the sink's refusals after which a delivery is kept and handed over again; after others it has failed. */
  constructor(ports: ConnectorPorts, outcome: IntakeOutcome<D>, waitsFor: ReadonlySet<ErrorCode>) {
    this.#ports = ports;
    this.#outcome = outcome;
    this.#waitsFor = waitsFor;
  }

  /** The sink had no room when it was asked last. */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** Takes a delivery; it is handed over after all earlier ones. */
  offer(delivery: D): void {
    this.#ports.hop.in(delivery.messages);
    this.#ports.hop.repeated(delivery.repeated);
    this.#waiting.push(delivery);
    if (!this.#blocked) this.#schedule();
  }

  /**
   * The connection has ended: what waits is given back to the broker, which sends it again unless it was QoS 0. What the
   * sink took already becomes durable and is counted, but nobody is told.
   */
  stop(): void {
    this.#stopping.abort();
    clearImmediate(this.#turn);
    let messages = 0;
    for (const { accepted, rejected } of this.#waiting) messages += accepted.length + rejected.length;
    this.#waiting = [];
    if (messages === 0) return;
    this.#ports.hop.rejected('overloaded', messages);
    const example = 'The connection ended while they waited for room; the broker has them still, unless of QoS 0.';
    this.#ports.events.messagesRejected({ code: 'overloaded', messages, example });
  }

  #schedule(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      if (this.#blocked) this.#block(false);
      this.#callSink();
    });
  }

  /**
   * One call per turn of the event loop: a sink that has no room has said so by the next turn, and so no later message
   * can overtake the ones it refused.
   */
  #callSink(): void {
    if (this.#waiting.length === 0) return;
    const deliveries = this.#nextCall();
    this.#schedule();
    void this.#hand(deliveries);
  }

  #nextCall(): readonly D[] {
    let deliveries = 0;
    for (let messages = 0; deliveries < this.#waiting.length; deliveries += 1) {
      messages += this.#waiting[deliveries]?.messages ?? 0;
      if (deliveries > 0 && messages > callMessagesMax) break;
    }
    return this.#waiting.splice(0, deliveries);
  }

  async #hand(deliveries: readonly D[]): Promise<void> {
    const { accepted, rejected } = merged(deliveries);
    try {
      if (accepted.length > 0) await this.#ports.sink.accept(accepted);
    } catch (error) {
      const refusal = asMillraceError(error);
      const { code } = refusal;
      if (this.#waitsFor.has(code) && !this.#stopping.signal.aborted) return this.#refused(deliveries, refusal);
      this.#ports.hop.rejected(code, accepted.length + rejected.length);
      return this.#failed(error, deliveries);
    }
    this.#ports.hop.out(accepted.length);
    try {
      if (rejected.length > 0) await this.#keep(rejected);
    } catch (error) {
      this.#ports.hop.rejected(asMillraceError(error).code, rejected.length);
      return this.#failed(error, deliveries);
    }
    if (this.#stopping.signal.aborted) return;
    for (const delivery of deliveries) this.#outcome.durable(delivery);
    this.#retry();
  }

  async #keep(rejected: readonly RejectedMessage[]): Promise<void> {
    await this.#ports.rejectedMessages.keep(rejected);
    for (const [code, messages] of Map.groupBy(rejected, (message) => message.code)) {
      this.#ports.hop.rejected(code, messages.length);
      this.#ports.events.messagesRejected({ code, messages: messages.length, example: messages[0]?.detail ?? '' });
    }
  }

  #refused(deliveries: readonly D[], { quota }: MillraceError): void {
    this.#waiting.unshift(...deliveries);
    clearImmediate(this.#turn);
    this.#turn = undefined;
    if (!this.#blocked) this.#block(true);
    const waitMs = quota?.retryAfterSeconds ? Math.min(quota.retryAfterSeconds * 1_000, quotaRetryMsMax) : retryMs;
    this.#ports.clock.sleep(waitMs, this.#stopping.signal).then(
      () => this.#retry(),
      () => {},
    );
  }

  #failed(error: unknown, deliveries: readonly D[]): void {
    if (!this.#stopping.signal.aborted) this.#outcome.failed(error, deliveries);
  }

  /** Asks an overloaded sink again, unless that is under way. */
  #retry(): void {
    if (this.#blocked && this.#turn === undefined && !this.#stopping.signal.aborted) this.#callSink();
  }

  #block(blocked: boolean): void {
    this.#blocked = blocked;
    this.#outcome.roomChanged();
  }
}

function merged(deliveries: readonly Delivery[]): Pick<Delivery, 'accepted' | 'rejected'> {
  const [only] = deliveries;
  if (only !== undefined && deliveries.length === 1) return only;
  return {
    accepted: deliveries.flatMap(({ accepted }) => accepted),
    rejected: deliveries.flatMap(({ rejected }) => rejected),
  };
}
