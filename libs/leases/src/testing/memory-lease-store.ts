/** A store in this process. */
import { MillraceError } from '@millrace/contracts';
import type { LeaseReply, LeaseRequest, LeaseStore } from '../lease-store.ts';
import { MemoryContent } from './memory-content.ts';

export class MemoryLeaseStore implements LeaseStore {
  readonly #hints = new Set<() => void>();
  readonly #content = new MemoryContent('memory');

  /** It gives no answers, as a Redis that is away. */
  isAway = false;

  ask(request: LeaseRequest): Promise<LeaseReply> {
    if (this.isAway) return Promise.reject(new MillraceError('cache_unavailable', 'The store is away.'));
    const { version } = this.#content;
    const reply = this.#content.answer(request);
    if (this.#content.version !== version) for (const hint of this.#hints) hint();
    return Promise.resolve(reply);
  }

  onHint(hint: () => void): void {
    this.#hints.add(hint);
  }
}
