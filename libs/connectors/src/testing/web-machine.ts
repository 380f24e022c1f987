/** A machine with a web server for tests, that answers as it is told. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpPolling } from '@millrace/contracts';
import type { Connection } from '../connector.ts';
import { mqttDefaults, noCredentials } from './mqtt-connection.ts';

export class WebMachine {
  /** Headers of the requests that came. */
  readonly asked: IncomingHttpHeaders[] = [];
  answer: (response: ServerResponse, headers: IncomingHttpHeaders) => void = (response) => void response.end('{}');
  #server: Server | undefined;
  #port = 0;
  #breaking = false;

  static async start(): Promise<WebMachine> {
    const machine = new WebMachine();
    await machine.listen();
    return machine;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/values`;
  }

  async listen(): Promise<void> {
    const server = createServer(({ headers, socket }, response) => {
      this.asked.push(headers);
      if (this.#breaking) socket.destroy();
      else this.answer(response, headers);
      this.#breaking = false;
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Whoever asks next is cut off. */
  cut(): void {
    this.#breaking = true;
  }

  async stop(): Promise<void> {
    if (!this.#server?.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

const httpDefaults: HttpPolling = {
  intervalMs: 400,
  timeoutMs: 5_000,
  format: 'json',
  rows: '',
  delimiter: ',',
  timeFrom: null,
  timeFormat: 'iso',
  cursor: null,
};

/** Intervals are of the tests' hasty clock. */
export function webConnection(
  url: string,
  http: Partial<HttpPolling> = {},
  rest: Partial<Connection> = {},
): Connection {
  return {
    tenant: 'acme',
    connectionId: 'meter',
    kind: 'http-polling',
    url,
    ...mqttDefaults,
    ...noCredentials,
    subscriptions: [],
    deviceFrom: { kind: 'fixed', pattern: 'd1' },
    modbus: null,
    headers: null,
    http: { ...httpDefaults, ...http },
    ...rest,
  };
}
