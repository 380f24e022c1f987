/** One connection under one epoch: valid as long as its lease is, and nobody has claimed it since. */
import { asMillraceError, type RawBatch } from '@millrace/contracts';
import type { ClaimLog, Fences } from '@millrace/ingest';
import { type Clock, retrying } from '@millrace/kernel';
import type { Lease } from '@millrace/leases';
import type { Owned } from './ownership.ts';

/** Kafka is away: it comes back in seconds, and the lease ends the waiting. */
const retryDelays = { delayMsMin: 100, delayMsMax: 2_000 };

export interface OwnedConnectionParts {
  readonly lease: Lease;
  readonly epoch: number;
  readonly claims: Pick<ClaimLog, 'supersededSignal' | 'confirm'>;
  readonly fences: Pick<Fences, 'write'>;
  readonly clock: Clock;
  /** Told of each attempt that failed. */
  readonly onRetry: (error: unknown, attempt: number) => void;
}

export class OwnedConnection implements Owned {
  readonly lease: Lease;
  readonly epoch: number;
  readonly ended: AbortSignal;
  /** The fleet has something open for it. */
  isOpen = false;
  readonly #parts: OwnedConnectionParts;
  readonly #refused = new AbortController();
  #confirmed: Promise<void> | undefined;

  constructor(parts: OwnedConnectionParts) {
    const { lease, epoch, claims } = parts;
    this.#parts = parts;
    this.lease = lease;
    this.epoch = epoch;
    const superseded = claims.supersededSignal(lease.key, epoch);
    this.ended = AbortSignal.any([lease.ended, superseded, this.#refused.signal]);
  }

  get key(): string {
    return this.lease.key;
  }

  isValid(): boolean {
    return !this.ended.aborted && this.lease.isValid();
  }

  confirm(origin: Omit<RawBatch, 'messages'>): Promise<void> {
    this.#confirmed ??= this.#confirm(origin).catch((error: unknown) => {
      // Nothing may ever be written under this epoch: it is claimed anew.
      this.#refused.abort(error);
      throw error;
    });
    return this.#confirmed;
  }

  async #confirm(origin: Omit<RawBatch, 'messages'>): Promise<void> {
    const { fences, claims, clock, onRetry } = this.#parts;
    const retryable = (error: unknown): boolean => asMillraceError(error).code !== 'lease_lost';
    const options = { ...retryDelays, clock, retryable, onRetry };
    const offsets = await retrying(() => fences.write(origin, this.ended), options, this.ended);
    await retrying(() => claims.confirm(this.key, this.epoch, offsets, this.ended), options, this.ended);
  }
}
