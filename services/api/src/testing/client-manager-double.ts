/** In place of the client managers: takes what is signed for it, and keeps connections of a tenant as they were sent. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Principal, principalHeader, PrincipalReader, SecretKey } from '@millrace/auth';
import { asMillraceError, MillraceError } from '@millrace/contracts';

type Body = Readonly<Record<string, unknown>>;

export interface TakenRequest {
  readonly principal: Principal;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

export class ClientManagerDouble {
  readonly requests: TakenRequest[] = [];
  readonly #connections = new Map<string, Body>();
  readonly #reader: PrincipalReader;
  readonly #server: Server;

  constructor(secretKey: string) {
    this.#reader = new PrincipalReader(SecretKey.fromEnvironment(secretKey), 'double');
    this.#server = createServer((request, response) => void this.#take(request, response));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = request;
    const sent = await text(request);
    try {
      const body = sent === '' ? undefined : (JSON.parse(sent) as Body);
      const principal = this.#reader.read(String(headers[principalHeader]), { method, path, body }, Date.now());
      if (!principal) throw new MillraceError('unauthenticated', 'The principal is not valid.');
      this.requests.push({ principal, method, path, headers });
      const [status, answer] = this.#answer(principal.tenant, method, path, body);
      const etag = { etag: '"7"', 'millrace-offset': '7' };
      response.writeHead(status, { 'content-type': 'application/json', ...etag });
      response.end(answer && JSON.stringify(answer));
    } catch (error) {
      const problem = asMillraceError(error).toProblem();
      response.writeHead(problem.status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
    }
  }

  #answer(tenant: string, method: string, path: string, body: Body | undefined): [number, Body?] {
    const [, , noun, id] = new URL(path, 'http://double').pathname.split('/');
    if (noun === 'instances' && id === undefined) return [200, { items: [], next: null }];
    if (noun === 'instances') throw new MillraceError('not_found', 'There is no such instance.');
    const own = [...this.#connections].filter(([key]) => key.startsWith(`${tenant}/`));
    if (id === undefined && method === 'GET') return [200, { items: own.map(([, one]) => one), next: null }];
    if (id === undefined) return [201, this.#keep(tenant, body)];
    const key = `${tenant}/${decodeURIComponent(id)}`;
    const found = this.#connections.get(key);
    if (!found) throw new MillraceError('not_found', 'There is no such connection.');
    if (method === 'DELETE') return (this.#connections.delete(key), [204]);
    if (method === 'POST') return [202, found];
    return method === 'GET' ? [200, found] : [200, this.#keep(tenant, { ...found, ...body })];
  }

  /** Beside what it needs to be found nothing that was sent is shown. */
  #keep(tenant: string, body: Body | undefined): Body {
    const errors = ['connectionId', 'kind', 'url']
      .filter((field) => typeof body?.[field] !== 'string')
      .map((field) => ({ field, code: 'invalid_type', detail: 'It must be a text.' }));
    if (errors.length > 0) throw new MillraceError('invalid_field', 'A member is missing.', { errors });
    const { connectionId, kind, url } = body!;
    const counts = { received: 0, acknowledged: 0, unacknowledged: 0, receivedPerSecond: 0, acknowledgedPerSecond: 0 };
    const state = { instance: null, state: 'not_in_use', since: null, epoch: null, lastError: null };
    const shown = { tenant, connectionId, kind, url, enabled: true, origin: 'api', ...state, ...counts };
    this.#connections.set(`${tenant}/${String(connectionId)}`, shown);
    return shown;
  }
}
