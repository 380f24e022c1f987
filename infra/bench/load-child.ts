/** The generator's process, as the benchmark holds it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { FromLoad, LoadOrder, LoadReport, ToLoad } from './load-process.ts';

const nothing: LoadReport = { accepted: 0, repeatedRequests: 0, behind: 0, receiptMsP50: NaN, receiptMsP99: NaN };

export class LoadChild {
  readonly #child: ChildProcess;
  #report = nothing;

  constructor(order: LoadOrder) {
    this.#child = fork(join(import.meta.dirname, 'load.ts'));
    this.#child.on('message', ({ report }: FromLoad) => (this.#report = report));
    this.#tell({ type: 'start', order });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** As of the last second. */
  get report(): LoadReport {
    return this.#report;
  }

  /** The next report, as it comes. */
  async next(): Promise<LoadReport> {
    await once(this.#child, 'message');
    return this.#report;
  }

  /** Sends no more; resolves with the final count when every receipt is there. */
  async stop(): Promise<LoadReport> {
    const gone = once(this.#child, 'exit');
    this.#tell({ type: 'stop' });
    await gone;
    return this.#report;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #tell(message: ToLoad): void {
    this.#child.send(message);
  }
}
