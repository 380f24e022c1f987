/** Sends the standard load to the gateway: batches of 100 messages, a tenant's ingest key, unique device times. */
import { Agent, request } from 'node:http';
import type { LoadOrder, LoadReport } from './load-process.ts';
import { Percentiles } from './percentiles.ts';
import { Rate } from './rate.ts';
import { devices, randomFrame, standardLoad, tenantNames } from './standard-load.ts';

/** Requests on their way at most; beyond it the load falls behind and says so. */
const requestsMax = 24;
const tickMs = 5;
const retryMs = 200;
const timeoutMs = 30_000;
const framesPrepared = 20_000;

export class HttpLoad {
  readonly #order: LoadOrder;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: requestsMax });
  readonly #receipts = new Percentiles();
  readonly #frames = Array.from({ length: framesPrepared }, () => randomFrame().toString('base64'));
  readonly #rate: Rate;
  readonly #turns = tenantNames.map((tenant) => shuffled(devices.filter((device) => device.tenant === tenant)));
  #next = 0;
  #frame = 0;
  #waiting = 0;
  #accepted = 0;
  #repeated = 0;
  #lastTimeMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(order: LoadOrder) {
    this.#order = order;
    this.#rate = new Rate(order.messagesPerSecond, performance.now());
  }

  start(): void {
    this.#timer = setInterval(() => this.#fill(), tickMs);
  }

  /** Resolves when every request on its way has its receipt. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    while (this.#waiting > 0) await new Promise((resolve) => setTimeout(resolve, tickMs));
    this.#agent.destroy();
  }

  report(): LoadReport {
    return {
      accepted: this.#accepted,
      repeatedRequests: this.#repeated,
      behind: this.#rate.behind(performance.now()),
      receiptMsP50: this.#receipts.at(0.5),
      receiptMsP99: this.#receipts.at(0.99),
    };
  }

  #fill(): void {
    const count = standardLoad.messagesPerRequest;
    while (this.#waiting < requestsMax && this.#rate.take(count, performance.now())) {
      const turn = this.#next++;
      this.#waiting += 1;
      const tenant = turn % tenantNames.length;
      this.#send(tenantNames[tenant] ?? '', this.#body(tenant, Math.floor(turn / tenantNames.length)));
    }
  }

  /** A device appears once in a request and a millisecond is used once per device, so times are unique. */
  #body(tenant: number, round: number): string {
    const members = this.#turns[tenant] ?? [];
    const first = (round * standardLoad.messagesPerRequest) % members.length;
    this.#lastTimeMs = Math.max(Date.now(), first === 0 && tenant === 0 ? this.#lastTimeMs + 1 : this.#lastTimeMs);
    const time = new Date(this.#lastTimeMs).toISOString();
    let body = '{"messages":[';
    for (let index = 0; index < standardLoad.messagesPerRequest; index += 1) {
      this.#frame = (this.#frame + 1) % framesPrepared;
      const device = members[first + index]?.deviceUid;
      body += `${index ? ',' : ''}{"device":"${device}","time":"${time}","payload":"${this.#frames[this.#frame]}"}`;
    }
    return `${body}]}`;
  }

  /** Sends until the receipt comes, the same bytes each time. */
  #send(tenant: string, body: string): void {
    const startedMs = performance.now();
    let answered = false;
    const again = (): void => {
      if (answered) return;
      answered = true;
      this.#repeated += 1;
      setTimeout(() => this.#send(tenant, body), retryMs);
    };
    const post = request(`${this.#order.url}/v1/messages/batch`, {
      method: 'POST',
      agent: this.#agent,
      timeout: timeoutMs,
      headers: {
        authorization: `Bearer ${this.#order.apiKeys[tenant]}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
    });
    post.on('timeout', () => post.destroy(new Error('No receipt in time.')));
    post.on('error', again);
    post.on('response', (response) => {
      response.resume();
      if (response.statusCode !== 200) return again();
      answered = true;
      this.#receipts.add(performance.now() - startedMs);
      this.#accepted += standardLoad.messagesPerRequest;
      this.#waiting -= 1;
      if (this.#order.messagesPerSecond === 0) this.#fill();
    });
    post.end(body);
  }
}

function shuffled<T>(items: readonly T[]): T[] {
  const keyed = items.map((item) => ({ item, order: Math.random() }));
  return keyed.toSorted((one, other) => one.order - other.order).map(({ item }) => item);
}
