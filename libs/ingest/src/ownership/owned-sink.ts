/** The sink of a connection that has one owner at a time: whatever it acknowledges, it owned when that was durable. */
import { type MessageSink, MillraceError, type ReceivedMessage } from '@millrace/contracts';
import { orAborted } from '@millrace/kernel';

/** Of the owner: a lease of @millrace/leases is one. */
export interface OwnerLease {
  /** By the monotonic clock of this process, at this moment. */
  isValid(): boolean;
  /** Aborted when the lease is over, or somebody else has claimed the connection. */
  readonly ended: AbortSignal;
}

export interface OwnedSinkParts {
  /** Writes the records of this owner's epoch. */
  readonly sink: MessageSink;
  /** Resolves when the owner's claim is confirmed, with its fences: nothing is written before. */
  readonly confirmed: Promise<unknown>;
  readonly lease: OwnerLease;
}

export class OwnedSink implements MessageSink {
  readonly #parts: OwnedSinkParts;
  #isConfirmed = false;
  /** The first call waits. */
  #isWaiting = false;

  constructor(parts: OwnedSinkParts) {
    this.#parts = parts;
    // Whoever waits for it hears why it failed.
    parts.confirmed.then(() => (this.#isConfirmed = true)).catch(() => undefined);
  }

  /**
   * See `MessageSink`. Until the claim is confirmed the first call waits for that, and further ones are refused as `overloaded`: so no
   * message overtakes another, and what waits is one call. Rejects with `lease_lost` as soon as the lease is over: such messages
   * have no receipt, even if they were written, and come again to the next owner. Rejects as `confirmed` does.
   */
  async accept(messages: readonly ReceivedMessage[]): Promise<readonly Uint8Array[]> {
    const { sink, confirmed, lease } = this.#parts;
    if (this.#isWaiting)
      throw new MillraceError('overloaded', 'The connection is being taken over; send again after a second.');
    try {
      this.#isWaiting = !this.#isConfirmed;
      if (this.#isWaiting) await orAborted(confirmed, lease.ended);
      this.#isWaiting = false;
      this.#check();
      const ids = await orAborted(sink.accept(messages), lease.ended);
      this.#check();
      return ids;
    } catch (error) {
      this.#isWaiting = false;
      throw lease.ended.aborted ? leaseLost(error) : error;
    }
  }

  #check(): void {
    const { lease } = this.#parts;
    if (lease.ended.aborted || !lease.isValid()) throw leaseLost(lease.ended.reason);
  }
}

function leaseLost(cause: unknown): MillraceError {
  if (cause instanceof MillraceError && cause.code === 'lease_lost') return cause;
  return new MillraceError('lease_lost', 'The lease of the connection is over: its next owner takes the message.', {
    cause,
  });
}
