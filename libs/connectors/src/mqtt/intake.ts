/**
 * Hands what one MQTT connection received to the sink, in order, and says when it is durable. While the sink is
 * overloaded deliveries wait here; how many there can be is bounded by the back-pressure on the socket.
 */
import { asMillraceError, type ReceivedMessage } from '@millrace/contracts';
import type { ConnectorPorts, RejectedMessage } from '../connector.ts';
import type { Owed } from './acknowledgement-queue.ts';

/** How soon an overloaded sink is asked again when nothing of ours becomes durable meanwhile. */
const retryMs = 20;

/** Messages that came in one read of the socket: one call of the sink, one promise. */
export interface Delivery extends Owed {
  readonly accepted: readonly ReceivedMessage[];
  readonly rejected: readonly RejectedMessage[];
  /** Of QoS 0: the broker has forgotten them already. */
  readonly withoutReceipt: number;
  /** Of QoS 2, durable since an earlier connection: only their receipt is due again. */
  readonly repeated: number;
  /** All of them: accepted, rejected and repeated. */
  readonly messages: number;
  readonly bytes: number;
}

/** What the connection does when a delivery is through. Not called after `stop`. */
export interface IntakeOutcome {
  durable(delivery: Delivery): void;
  /** The sink or the dead letters failed: without receipts, the broker sends it again on the next connection. */
  failed(error: unknown): void;
  /** The sink has no room any more, or has it again: see `waiting`. */
  roomChanged(): void;
}

export class Intake {
  readonly #ports: ConnectorPorts;
  readonly #outcome: IntakeOutcome;
  #waiting: Delivery[] = [];
  #retrying = false;
  readonly #stopping = new AbortController();

  constructor(ports: ConnectorPorts, outcome: IntakeOutcome) {
    this.#ports = ports;
    this.#outcome = outcome;
  }

  /** Deliveries wait for room in the sink. */
  get waiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Takes a delivery; it is handed over after all earlier ones. */
  offer(delivery: Delivery): void {
    if (this.#waiting.length === 0 && this.#hand(delivery)) return;
    this.#waiting.push(delivery);
    if (this.#waiting.length === 1) this.#outcome.roomChanged();
    this.#retryLater();
  }

  /**
   * The connection has ended: what waits is forgotten here, for the broker sends it again, except QoS 0, which is
   * counted. What the sink already took becomes durable and is counted, but nobody is told.
   */
  stop(): void {
    this.#stopping.abort();
    let lost = 0;
    for (const { withoutReceipt } of this.#waiting) lost += withoutReceipt;
    this.#waiting = [];
    if (lost === 0) return;
    this.#ports.hop.in(lost);
    this.#ports.hop.rejected('overloaded', lost);
    this.#ports.events.messagesRejected({
      code: 'overloaded',
      messages: lost,
      example: 'QoS 0, lost with the connection',
    });
  }

  /** False: the sink has no room, and has taken none of it. */
  #hand(delivery: Delivery): boolean {
    const { accepted, rejected, repeated } = delivery;
    let taken: Promise<unknown> | undefined;
    if (accepted.length > 0) {
      try {
        taken = this.#ports.sink.accept(accepted);
      } catch (error) {
        if (asMillraceError(error).code === 'overloaded') return false;
        taken = Promise.reject(error);
      }
    }
    this.#ports.hop.in(accepted.length + rejected.length + repeated);
    this.#ports.hop.repeated(repeated);
    const kept = rejected.length > 0 ? this.#keep(rejected) : undefined;
    void this.#follow(delivery, taken, kept);
    return true;
  }

  async #follow(delivery: Delivery, taken: Promise<unknown> | undefined, kept: Promise<void> | undefined) {
    const { accepted, rejected } = delivery;
    const [sink, letters] = await Promise.allSettled([taken, kept]);
    if (sink.status === 'fulfilled') this.#ports.hop.out(accepted.length);
    else this.#ports.hop.rejected(asMillraceError(sink.reason).code, accepted.length);
    if (letters.status === 'rejected') this.#ports.hop.rejected(asMillraceError(letters.reason).code, rejected.length);
    if (this.#stopping.signal.aborted) return;
    if (sink.status === 'rejected') this.#outcome.failed(sink.reason);
    else if (letters.status === 'rejected') this.#outcome.failed(letters.reason);
    else this.#outcome.durable(delivery);
    this.#retryNow();
  }

  async #keep(rejected: readonly RejectedMessage[]): Promise<void> {
    await this.#ports.rejectedMessages.keep(rejected);
    const byCode = Map.groupBy(rejected, ({ code }) => code);
    for (const [code, messages] of byCode) {
      this.#ports.hop.rejected(code, messages.length);
      this.#ports.events.messagesRejected({ code, messages: messages.length, example: messages[0]?.detail ?? '' });
    }
  }

  #retryNow(): void {
    if (this.#waiting.length === 0) return;
    let handed = 0;
    while (handed < this.#waiting.length && this.#hand(this.#waiting[handed] as Delivery)) handed += 1;
    this.#waiting.splice(0, handed);
    if (this.#waiting.length === 0) this.#outcome.roomChanged();
    else this.#retryLater();
  }

  #retryLater(): void {
    if (this.#retrying || this.#stopping.signal.aborted) return;
    this.#retrying = true;
    this.#ports.clock.sleep(retryMs, this.#stopping.signal).then(
      () => {
        this.#retrying = false;
        this.#retryNow();
      },
      () => {},
    );
  }
}
