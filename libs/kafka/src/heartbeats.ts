/**
 * Keeps the membership alive while handlers wait, which kafkajs leaves to them. A handler that holds the processor for
 * longer than the session stops the timer too: such work belongs in chunks, or in another thread.
 */
import type { Assignment } from './assignment.ts';
import { SessionLost } from './assignment.ts';
import { isRebalance } from './kafka-errors.ts';
import type { FetchedBatch } from './fetched-batch.ts';

/** A rebalance is noticed at most this long after kafkajs may ask for it; 20 times per session. */
const checkMs = 300;

export class Heartbeats {
  readonly #sessionMsMax: number;
  readonly #batches = new Map<FetchedBatch, Assignment>();
  #timer: NodeJS.Timeout | undefined;
  #seenAtMs = performance.now();

  constructor(sessionMsMax: number) {
    this.#sessionMsMax = sessionMsMax;
  }

  /** The broker has just heard of this member. */
  seen(): void {
    this.#seenAtMs = performance.now();
  }

  begin(batch: FetchedBatch, assignment: Assignment): void {
    this.#batches.set(batch, assignment);
    this.#timer ??= setInterval(() => this.#beat(), checkMs);
  }

  end(batch: FetchedBatch): void {
    this.#batches.delete(batch);
    if (this.#batches.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** kafkajs sends one heartbeat for all that ask, and none before its interval is over. */
  #beat(): void {
    const [first] = this.#batches;
    if (!first) return;
    const [batch, assignment] = first;
    batch.heartbeat().catch((error: unknown) => {
      if (isRebalance(error)) assignment.revoke(error);
      else if (performance.now() - this.#seenAtMs > this.#sessionMsMax)
        assignment.revoke(new SessionLost('No heartbeat arrived.'));
    });
  }
}
