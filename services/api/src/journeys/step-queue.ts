/** Steps from several watchers to the one reader, who gets them as they come. */

export class StepQueue<T> {
  readonly #steps: T[] = [];
  #wake = Promise.withResolvers<void>();

  push(step: T): void {
    this.#steps.push(step);
    this.wake();
  }

  /** Makes the reader look again. */
  wake(): void {
    this.#wake.resolve();
  }

  /** Every step, until `isOver` and nothing is left. `isOver` is asked after each wake. */
  async *untilOver(isOver: () => boolean): AsyncGenerator<T> {
    for (;;) {
      for (let step = this.#steps.shift(); step !== undefined; step = this.#steps.shift()) yield step;
      if (isOver()) return;
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
  }
}
