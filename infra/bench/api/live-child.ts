/** The process of the live readers, as the benchmark holds it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { FromReaders, LiveOrder, ReaderCount, ToReaders } from './live-process.ts';

type Counted = Extract<FromReaders, { type: 'counted' }>;

export class LiveChild {
  readonly #child: ChildProcess;
  readonly #order: LiveOrder;

  constructor(order: LiveOrder) {
    this.#order = order;
    this.#child = fork(join(import.meta.dirname, 'live-readers.ts'), { execArgv: [] });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves when each of them gets what is written from now on. */
  async open(readers: number, pace: ReaderCount['pace']): Promise<void> {
    await this.#ask({ type: 'open', order: this.#order, readers, pace });
  }

  restart(): void {
    this.#child.send({ type: 'restart' } satisfies ToReaders);
  }

  hurry(): void {
    this.#child.send({ type: 'hurry' } satisfies ToReaders);
  }

  async count(): Promise<Counted> {
    return (await this.#ask({ type: 'count' })) as Counted;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async #ask(message: ToReaders): Promise<FromReaders> {
    const gone = new AbortController();
    const exit = once(this.#child, 'exit', { signal: gone.signal }).then(() => {
      throw new Error('The process of the live readers has ended; what it printed says why.');
    });
    this.#child.send(message);
    const answer = once(this.#child, 'message', { signal: gone.signal }) as Promise<[FromReaders]>;
    try {
      return (await Promise.race([answer, exit as Promise<never>]))[0];
    } finally {
      gone.abort();
      await Promise.allSettled([answer, exit]);
    }
  }
}
