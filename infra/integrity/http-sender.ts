/** Devices that send over HTTP until every request has its receipt, and write it all into the ledger. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger, LedgerEntry } from './ledger.ts';
import { payloadOf } from './plant.ts';

export interface HttpSenderOptions {
  readonly gateway: string;
  readonly tenant: string;
  readonly apiKey: string;
  readonly devices: readonly string[];
  /** Requests a second. */
  readonly rate: number;
  /** Requests on their way at most; with 1 the times of a device never go back, whatever is sent again. Default: no bound. */
  readonly requestsMax?: number;
  /** Messages of each device in a request, one after the other. Default 1. */
  readonly messagesPerDevice?: number;
  /** Each so many requests one is sent again after its receipt, by a device that did not hear it. Default: none. */
  readonly repeatEvery?: number;
  readonly valueOf: (turn: number) => number | null;
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
  #delivered = 0;

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
    const { rate, requestsMax = Number.POSITIVE_INFINITY } = this.#options;
    while (!signal.aborted) {
      if (this.onTheWay < requestsMax) this.#send();
      await sleep(1_000 / rate, undefined, { signal }).catch(() => {});
    }
    await Promise.all(this.#onTheWay);
  }

  #send(): void {
    const { messagesPerDevice = 1 } = this.#options;
    const entries = Array.from({ length: messagesPerDevice }, () => this.#nextTurn()).flat();
    const request = this.#deliver(entries);
    this.#onTheWay.add(request);
    void request.finally(() => this.#onTheWay.delete(request));
  }

  #nextTurn(): LedgerEntry[] {
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
        json: payloadOf(value),
      })),
    });
    await this.#postUntilReceipt(body);
    this.#ledger.acknowledge(entries);
    this.#delivered += 1;
    if (this.#delivered % (this.#options.repeatEvery ?? Number.POSITIVE_INFINITY) === 0)
      await this.#postUntilReceipt(body);
  }

  async #postUntilReceipt(body: string): Promise<void> {
    while (!(await this.#post(body))) {
      this.#interrupted += 1;
      await sleep(retryMs);
    }
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
