/** Devices that send over HTTP, ten messages a request, until every request has its receipt, and write it all into the ledger. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger, LedgerEntry } from './ledger.ts';

export interface HttpSenderOptions {
  readonly gateway: string;
  readonly tenant: string;
  readonly apiKey: string;
  readonly devices: readonly string[];
  /** Requests a second. */
  readonly rate: number;
  readonly valueOf: (turn: number) => number;
}

const retryMs = 100;
const receiptMsMax = 40_000;

export class HttpSender {
  readonly #options: HttpSenderOptions;
  readonly #ledger: Ledger;
  readonly #onTheWay = new Set<Promise<void>>();
  #turn = 0;
  #lastTimeMs = 0;
  #interrupted = 0;

  constructor(options: HttpSenderOptions, ledger: Ledger) {
    this.#options = options;
    this.#ledger = ledger;
  }

  /** Requests without a receipt at this moment. */
  get onTheWay(): number {
    return this.#onTheWay.size;
  }

  /** Requests that were cut off or refused and sent again. */
  get interrupted(): number {
    return this.#interrupted;
  }

  /** Sends until the signal fires, then waits for the last receipt. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const request = this.#deliver(this.#nextEntries());
      this.#onTheWay.add(request);
      void request.finally(() => this.#onTheWay.delete(request));
      await sleep(1_000 / this.#options.rate, undefined, { signal }).catch(() => {});
    }
    await Promise.all(this.#onTheWay);
  }

  #nextEntries(): LedgerEntry[] {
    const { tenant, devices, valueOf } = this.#options;
    const turn = this.#turn++;
    this.#lastTimeMs = Math.max(Date.now(), this.#lastTimeMs + 1);
    const timeMs = this.#lastTimeMs;
    return devices.map((deviceUid, index) => ({ tenant, deviceUid, timeMs, value: valueOf(turn + index) }));
  }

  async #deliver(entries: readonly LedgerEntry[]): Promise<void> {
    this.#ledger.send(entries);
    const body = JSON.stringify({
      messages: entries.map(({ deviceUid, timeMs, value }) => ({
        device: deviceUid,
        time: new Date(timeMs).toISOString(),
        json: { value },
      })),
    });
    while (!(await this.#post(body))) {
      this.#interrupted += 1;
      await sleep(retryMs);
    }
    this.#ledger.acknowledge(entries);
  }

  async #post(body: string): Promise<boolean> {
    try {
      const response = await fetch(`${this.#options.gateway}/v1/messages/batch`, {
        method: 'POST',
        headers: { authorization: `Bearer ${this.#options.apiKey}`, 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(receiptMsMax),
      });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }
}
