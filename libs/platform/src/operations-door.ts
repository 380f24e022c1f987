/**
 * The port that operators ask: open from the start of the process, long before Kafka was found and Nest was built, so that
 * a service that waits is told from one that hangs. Nest takes it over when it is complete.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { refuseUnroutable } from './framework-errors.ts';

/** Load balancers and Prometheus ask on one connection again and again; longer than their usual 60 s. */
const keepAliveMs = 72_000;

export class OperationsDoor {
  readonly server: Server;
  #answer: RequestListener;

  /** `starting` answers until the adapter listens. */
  constructor(starting: RequestListener) {
    this.#answer = starting;
    this.server = createServer({ keepAliveTimeout: keepAliveMs }, (request, response) =>
      this.#answer(request, response),
    );
  }

  /** Throws when the address is taken. Gives the address as a URL. */
  async open(port: number, host: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.server.once('error', reject).listen(port, host, resolve);
    await promise;
    this.server.off('error', reject);
    const { port: found } = this.server.address() as AddressInfo;
    return `http://${host.includes(':') ? `[${host}]` : host}:${found}`;
  }

  /** For Nest: `listen` takes the door over, `close` closes it. */
  adapter(bodyBytesMax: number): FastifyAdapter {
    return new DoorAdapter(this, bodyBytesMax);
  }

  handOver(answer: RequestListener): void {
    this.#answer = answer;
  }

  close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.server.close(() => resolve());
    this.server.closeAllConnections();
    return promise;
  }
}

class DoorAdapter extends FastifyAdapter {
  readonly #door: OperationsDoor;
  readonly #taking: { readonly answer: RequestListener | undefined };

  constructor(door: OperationsDoor, bodyBytesMax: number) {
    const taking: { answer: RequestListener | undefined } = { answer: undefined };
    super({
      bodyLimit: bodyBytesMax,
      frameworkErrors: refuseUnroutable,
      serverFactory: (answer: RequestListener) => {
        taking.answer = answer;
        return door.server;
      },
    });
    this.#door = door;
    this.#taking = taking;
  }

  /** The server has been listening for long; what is to be done is to answer by the routes. */
  override listen(...parameters: unknown[]): void {
    const done = parameters.at(-1) as (error?: unknown) => void;
    this.#takeOver().then(() => done(), done);
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#door.close();
  }

  async #takeOver(): Promise<void> {
    await this.getInstance().ready();
    if (this.#taking.answer) this.#door.handOver(this.#taking.answer);
  }
}
