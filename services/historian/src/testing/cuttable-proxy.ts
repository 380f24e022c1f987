/** A TCP door to a server that can be shut and opened again: the server is away without being stopped for others. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class CuttableProxy {
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  /** `target`: `http://host:port`. */
  constructor(target: string) {
    this.#target = new URL(target);
  }

  /** Where clients connect; the same after every `open`. */
  get url(): string {
    return `${this.#target.protocol}//127.0.0.1:${this.#port}`;
  }

  async open(): Promise<void> {
    const server = createServer((client) => this.#forward(client));
    this.#server = server;
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Ends every connection and refuses new ones. */
  shut(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #forward(client: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
