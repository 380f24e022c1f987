/**
 * One life of an instance, from joining until it leaves or its lease is over. Pure: times are handed in, milliseconds of the monotonic clock.
 * A lease counts from *before* the request was sent whose answer renewed it, and ends a margin early: clocks differ.
 */
import type { Signed } from './lease-store.ts';

export interface LeaseTimes {
  /** Others hold a session for dead when they have seen no new beat of it for so long. */
  readonly ttlMs: number;
  /** A session holds itself for over so much earlier. */
  readonly marginMs: number;
}

export class Session {
  readonly token: string;
  readonly #times: LeaseTimes;
  #beat = 0;
  #validUntilMs: number | undefined;
  #renewedFromMs = 0;
  #memory: string | undefined;

  constructor(token: string, times: LeaseTimes) {
    this.token = token;
    this.#times = times;
  }

  sign(memory: string): Signed {
    this.#beat += 1;
    return { session: this.token, beat: this.#beat, memory };
  }

  /** The store took a change that was sent at `sentMs`. */
  renewed(sentMs: number): void {
    this.#renewedFromMs = sentMs;
    this.#validUntilMs = sentMs + this.#times.ttlMs - this.#times.marginMs;
  }

  joined(memory: string | undefined): void {
    this.#memory = memory;
  }

  hasJoined(memory: string): boolean {
    return this.#memory === memory;
  }

  isValid(nowMs: number): boolean {
    return this.#validUntilMs !== undefined && nowMs < this.#validUntilMs;
  }

  /** It was valid once: there is no way back. */
  isOver(nowMs: number): boolean {
    return this.#validUntilMs !== undefined && nowMs >= this.#validUntilMs;
  }

  /** Infinite before the first answer. */
  get validUntilMs(): number {
    return this.#validUntilMs ?? Infinity;
  }

  /** When a renewal is to be sent, so that two more may fail. */
  get renewAtMs(): number {
    return this.#renewedFromMs + this.#times.ttlMs / 3;
  }
}
