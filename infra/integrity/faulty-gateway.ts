/** A gateway in front of the gateway that does what must never happen to one request of some. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/**
 * `none`. `swallow`: acknowledges without forwarding. `repeat`: forwards twice. `restamp`: forwards a second time with each
 * message's time a microsecond later, as a device does that reads its clock again for a retry.
 */
export type Fault = 'none' | 'swallow' | 'repeat' | 'restamp';

/** One request of so many is hit. */
const everyNth = 4;

export class FaultyGateway {
  fault: Fault = 'none';
  readonly #target: string;
  readonly #server: Server;
  #requests = 0;
  #hits = 0;

  constructor(target: string) {
    this.#target = target;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Requests that were hit since `fault` was set the last time by `begin`. */
  get hits(): number {
    return this.#hits;
  }

  begin(fault: Fault): void {
    this.fault = fault;
    this.#hits = 0;
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    // A request without a message only asks whether its key is known.
    const hit = body.includes('"payload"') && this.fault !== 'none' && this.#requests++ % everyNth === 0;
    if (hit) this.#hits += 1;
    if (hit && this.fault === 'swallow') return void response.end('{"ids":[]}');
    const answer = await this.#forward(request, body);
    if (hit) await this.#forward(request, this.fault === 'restamp' ? restamped(body) : body);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  }

  #forward({ url, headers }: IncomingMessage, body: Buffer): Promise<Response> {
    const { authorization = '' } = headers;
    const sent = { authorization, 'content-type': 'application/json' };
    return fetch(this.#target + url, { method: 'POST', headers: sent, body });
  }
}

/** The load's times end with the request's number below the millisecond; the next microsecond belongs to no other request here. */
function restamped(body: Buffer): Buffer {
  const text = body
    .toString()
    .replaceAll(/(\d{3})Z"/g, (_, micros: string) => `${(Number(micros) + 500) % 1_000}`.padStart(3, '0') + 'Z"');
  return Buffer.from(text);
}
