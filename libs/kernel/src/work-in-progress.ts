/** What is being done at this moment, for those who have to know that all of it has ended. */

export class WorkInProgress {
  readonly #running = new Set<Promise<void>>();

  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  /** Some work begins; call what is given once, when it has ended, however it did. */
  begin(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#running.add(promise);
    return () => {
      this.#running.delete(promise);
      resolve();
    };
  }

  /** Resolves when everything has ended that had begun before the call. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }
}
