/** The device routes of the api in memory, with what happens to requests on their way. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Retry } from '@millrace/contracts';
import type { PublishedChange } from '../change-ledger.ts';

/**
 * `lost`: the request never arrives. `deaf`: it is done, the answer never arrives. `late`: as deaf, and it is done when the
 * sender has long gone on. `busy`: the api asks to come again.
 */
export type Mishap = 'lost' | 'deaf' | 'late' | 'busy';

export interface FakeDeviceApiOptions {
  readonly tenant: string;
  /** Of the n-th request, from 0. */
  readonly mishapOf?: (request: number) => Mishap | undefined;
  /** Methods whose keys of idempotency are kept. Default: that of creations. */
  readonly remembers?: readonly string[];
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

interface Device {
  readonly name: string;
  readonly version: number;
}

const lateMs = 30;

export class FakeDeviceApi {
  /** As the topic would hold it. */
  readonly published: PublishedChange[] = [];
  readonly #options: FakeDeviceApiOptions;
  readonly #server: Server;
  readonly #devices = new Map<string, Device>();
  readonly #answers = new Map<string, Answer>();
  #requests = 0;

  constructor(options: FakeDeviceApiOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    // What was late is done before anybody looks.
    await sleep(lateMs);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const mishap = this.#options.mishapOf?.(this.#requests++);
    const body = await text(request);
    if (mishap === 'lost') return void response.destroy();
    if (mishap === 'busy') return reply(response, problem(503, 'later'));
    if (mishap === 'late') {
      response.destroy();
      await sleep(lateMs);
    }
    const answer = this.#answerOnce(request, body);
    if (mishap === undefined) reply(response, answer);
    else response.destroy();
  }

  #answerOnce(request: IncomingMessage, body: string): Answer {
    const { remembers = ['POST'] } = this.#options;
    const key = remembers.includes(request.method ?? '') ? String(request.headers['idempotency-key']) : undefined;
    const before = key === undefined ? undefined : this.#answers.get(key);
    const answer = before ?? this.#answer(request, body);
    if (key !== undefined) this.#answers.set(key, answer);
    return answer;
  }

  #answer({ method, url = '', headers }: IncomingMessage, body: string): Answer {
    const change = (body === '' ? {} : JSON.parse(body)) as { readonly deviceUid?: string; readonly name: string };
    const deviceUid = change.deviceUid ?? decodeURIComponent(url.split('/')[3] ?? '');
    const device = this.#devices.get(deviceUid);
    if (method === 'POST')
      return device ? problem(409) : this.#publish(deviceUid, { name: change.name, version: 1 }, 201);
    if (device === undefined) return problem(404);
    if (method === 'GET') return success(200, device);
    if (headers['if-match'] !== etagOf(device)) return problem(412);
    return this.#publish(deviceUid, { name: change.name, version: device.version + 1 }, 200);
  }

  #publish(deviceUid: string, device: Device, status: number): Answer {
    this.#devices.set(deviceUid, device);
    this.published.push({ key: `${this.#options.tenant}/${deviceUid}`, text: device.name });
    return success(status, device, String(this.published.length));
  }
}

const etagOf = ({ version }: Device): string => `"${version}"`;

function success(status: number, device: Device, position?: string): Answer {
  const headers = { etag: etagOf(device), ...(position && { 'millrace-position': position }) };
  return { status, headers, body: device };
}

/** The members of RFC 9457's answer that senders look at. */
function problem(status: number, retry: Retry = 'never'): Answer {
  return { status, headers: {}, body: { status, retry } };
}

function reply(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers).end(JSON.stringify(body));
}
