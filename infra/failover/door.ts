/** A door between a process and a server on the loopback: it can be shut, or hold what passes and let it through later. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { loopback } from '../stack/ports.ts';

/** `cut`: connections are reset and none is made. `held`: connections stand, and what passes waits. */
export type DoorState = 'open' | 'cut' | 'held';

export interface Link {
  readonly client: Socket;
  readonly server: Socket;
  /** What waits, in the order in which it came. */
  readonly waiting: { readonly to: Socket; readonly bytes: Buffer }[];
}

export class Door {
  readonly targetPort: number;
  readonly #server: Server;
  readonly #links = new Set<Link>();
  #state: DoorState = 'open';

  constructor(targetPort: number) {
    this.targetPort = targetPort;
    this.#server = createServer((client) => this.#link(client));
  }

  /** Resolves when it listens on `port`. */
  async listen(): Promise<void> {
    this.#server.listen(0, loopback);
    await once(this.#server, 'listening');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  set(state: DoorState): void {
    this.#state = state;
    if (state === 'cut') this.#destroyAll();
    if (state === 'open') for (const link of this.#links) this.letThrough(link);
  }

  close(): void {
    this.#destroyAll();
    this.#server.close();
  }

  /** What came from the client; a door that knows the protocol may treat parts of it in another way. */
  protected fromClient(link: Link, bytes: Buffer): void {
    this.pass(link, link.server, bytes);
  }

  protected fromServer(link: Link, bytes: Buffer): void {
    this.pass(link, link.client, bytes);
  }

  /** The links end that have nothing left to wait for. */
  protected mayEnd(link: Link): boolean {
    return link.waiting.length === 0;
  }

  protected pass(link: Link, to: Socket, bytes: Buffer): void {
    if (this.#state === 'held') link.waiting.push({ to, bytes });
    else if (!to.destroyed) to.write(bytes);
  }

  protected letThrough(link: Link): void {
    for (const { to, bytes } of link.waiting.splice(0)) if (!to.destroyed) to.write(bytes);
    this.#endIfLeft(link);
  }

  protected get links(): Iterable<Link> {
    return this.#links;
  }

  #link(client: Socket): void {
    client.on('error', () => client.destroy());
    if (this.#state === 'cut') return void client.resetAndDestroy();
    const server = connect({ host: loopback, port: this.targetPort, noDelay: true });
    client.setNoDelay(true);
    const link: Link = { client, server, waiting: [] };
    this.#links.add(link);
    client.on('data', (bytes) => this.fromClient(link, bytes));
    server.on('data', (bytes) => this.fromServer(link, bytes));
    client.on('close', () => this.#endIfLeft(link));
    server.on('error', () => server.destroy());
    server.on('close', () => {
      client.destroy();
      this.#links.delete(link);
    });
  }

  /** What a client sent before it went away still reaches the server, as in any network. */
  #endIfLeft(link: Link): void {
    if (link.client.destroyed && this.mayEnd(link)) link.server.end();
  }

  #destroyAll(): void {
    for (const { client, server } of this.#links) {
      client.resetAndDestroy();
      server.destroy();
    }
    this.#links.clear();
  }
}
