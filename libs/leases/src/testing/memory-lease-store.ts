/** A store in this process. */
import type { LeaseReply, LeaseRequest, LeaseStore } from '../lease-store.ts';
import { MemoryContent } from './memory-content.ts';

export class MemoryLeaseStore implements LeaseStore {
  readonly #hints = new Set<() => void>();
  #memories = 0;
  #content = new MemoryContent('memory-0');

  ask(request: LeaseRequest): Promise<LeaseReply> {
    const { version } = this.#content;
    const reply = this.#content.answer(request);
    if (this.#content.version !== version) for (const hint of this.#hints) hint();
    return Promise.resolve(reply);
  }

  onHint(hint: () => void): void {
    this.#hints.add(hint);
  }

  /** Forgets everything. */
  wipe(): void {
    this.#memories += 1;
    this.#content = new MemoryContent(`memory-${this.#memories}`);
  }
}
