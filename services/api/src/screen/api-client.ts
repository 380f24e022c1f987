/** The page's questions to the api, under the key that the person gave. */
import type {
  Access,
  Alarms,
  Device,
  Flow,
  JourneyStep,
  LatestOfMany,
  Limits,
  Problem,
  Page,
  Product,
  Trends,
} from './answer-types.ts';
import { eventsIn, textOf } from './event-stream.ts';
import type { FrameBody } from './frame-text.ts';

/** Nobody looks at a plot for longer; the next question comes anyway. */
const answerMsMax = 12_000;

/** The api answered with a problem. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

/** The api did not answer. */
export class Unreachable extends Error {}

export class ApiClient {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  access(): Promise<Access> {
    return this.#get('access');
  }

  flow(): Promise<Flow> {
    return this.#get('flow');
  }

  alarms(): Promise<Alarms> {
    return this.#get('alarms');
  }

  /** The first thousand: a page that shows more of them shows nothing. */
  products(): Promise<Page<Product>> {
    return this.#get('products', { limit: '1000' });
  }

  devices(cursor: string | null): Promise<Page<Device>> {
    return this.#get('devices', { limit: '100', ...(cursor !== null && { cursor }) });
  }

  latest(devices: readonly string[]): Promise<LatestOfMany> {
    return this.#get('latest', { devices: devices.join() });
  }

  trends(devices: readonly string[], fromMs: number, toMs: number, buckets: number): Promise<Trends> {
    const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString()) as [string, string];
    return this.#get('trends', { devices: devices.join(), from, to, buckets: String(buckets) });
  }

  limits(device: string): Promise<Limits> {
    return this.#get(`devices/${encodeURIComponent(device)}/alarm-limits`);
  }

  /** Sends a message and gives the steps of its way as they are seen. Throws `Refused` when it was not taken. */
  async *journey(device: string, body: FrameBody, signal: AbortSignal): AsyncGenerator<JourneyStep> {
    const response = await this.#ask(`devices/${encodeURIComponent(device)}/journeys`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
    if (!response.body) return;
    for await (const { text } of eventsIn(textOf(response.body))) yield JSON.parse(text) as JourneyStep;
  }

  async #get<T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
    const parameters = new URLSearchParams(query).toString();
    const signal = AbortSignal.timeout(answerMsMax);
    const response = await this.#ask(parameters === '' ? path : `${path}?${parameters}`, { signal });
    try {
      return (await response.json()) as T;
    } catch (error) {
      throw new Unreachable('The answer of the api ended too early.', { cause: error });
    }
  }

  async #ask(path: string, init: RequestInit): Promise<Response> {
    // A header cannot carry other characters, and no key has them.
    if (!/^[\x21-\x7E]+$/.test(this.#key)) throw new Refused(401, 'This is not a key.');
    const response = await this.#send(path, init);
    if (response.ok) return response;
    throw new Refused(response.status, await detailOf(response));
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    try {
      const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${this.#key}` };
      return await fetch(`/v1/${path}`, { ...init, headers, cache: 'no-store' });
    } catch (error) {
      throw new Unreachable('The api does not answer.', { cause: error });
    }
  }
}

async function detailOf(response: Response): Promise<string> {
  try {
    return ((await response.json()) as Problem).detail;
  } catch {
    return `The api answered with ${response.status}.`;
  }
}
