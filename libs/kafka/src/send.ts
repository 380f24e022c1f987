/** One call of `send`: its records, how far they are, and the promise that its caller holds. */
import type { OutgoingRecord } from './outgoing-record.ts';
import type { Receipt } from './receipt.ts';

export class Send {
  readonly records: readonly OutgoingRecord[];
  readonly promise: Promise<Receipt>;
  /** How many of the records are in a request. */
  taken = 0;
  readonly #signal: AbortSignal | undefined;
  readonly #settled = Promise.withResolvers<Receipt>();
  readonly #onAbort: () => void;
  #wanted = true;
  #receipt: Receipt | undefined;

  /** `onAbort` is called, and the promise rejected with the signal's reason, when the caller gives up before the end. */
  constructor(records: readonly OutgoingRecord[], signal: AbortSignal | undefined, onAbort: () => void) {
    this.records = records;
    this.promise = this.#settled.promise;
    this.#signal = signal;
    this.#onAbort = () => {
      onAbort();
      this.reject(signal?.reason);
    };
    signal?.addEventListener('abort', this.#onAbort);
  }

  /** False once it is settled: nobody waits for it any more. */
  get wanted(): boolean {
    return this.#wanted;
  }

  /** What is taken of it is durable; resolves when that is all. */
  durable(receipt: Receipt): void {
    this.#receipt = this.#receipt ? receipt.after(this.#receipt) : receipt;
    if (this.taken < this.records.length) return;
    this.#leave();
    this.#settled.resolve(this.#receipt);
  }

  reject(reason: unknown): void {
    this.#leave();
    this.#settled.reject(reason);
  }

  #leave(): void {
    this.#wanted = false;
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }
}
