/** Messages of a connection that can never be taken: their senders too are told only by an owner. */
import type { RejectedMessage, RejectedMessageStore } from '@millrace/connectors';
import { MillraceError } from '@millrace/contracts';
import type { OwnerLease } from '@millrace/ingest';

export class OwnedRejections implements RejectedMessageStore {
  readonly #store: RejectedMessageStore;
  readonly #lease: Pick<OwnerLease, 'isValid'>;

  constructor(store: RejectedMessageStore, lease: Pick<OwnerLease, 'isValid'>) {
    this.#store = store;
    this.#lease = lease;
  }

  async keep(rejected: readonly RejectedMessage[]): Promise<void> {
    this.#check();
    await this.#store.keep(rejected);
    this.#check();
  }

  #check(): void {
    if (!this.#lease.isValid())
      throw new MillraceError('lease_lost', 'The lease of the connection is over: its next owner takes the message.');
  }
}
