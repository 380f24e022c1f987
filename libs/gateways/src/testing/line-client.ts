/** A device that speaks TCP in lines, for tests. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

export class LineClient {
  readonly #socket: Socket;
  #text = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8').on('data', (text: string) => (this.#text += text));
    socket.on('error', () => {});
  }

  /** To an address such as `tcp://127.0.0.1:4711`, or with `tls` to `tls://…`. `hangsUp`: ends its side when the other side has ended. */
  static async connect(
    address: string,
    { hangsUp = true, tls }: { readonly hangsUp?: boolean; readonly tls?: ConnectionOptions } = {},
  ): Promise<LineClient> {
    const { hostname, port } = new URL(address);
    const options = { host: hostname, port: Number(port), allowHalfOpen: !hangsUp };
    const socket = tls ? connectTls({ ...options, ...tls }) : connect(options);
    await once(socket, tls ? 'secureConnect' : 'connect');
    return new LineClient(socket);
  }

  /** The answers so far. */
  get answers(): readonly string[] {
    return this.#text.split('\n').slice(0, -1);
  }

  get over(): boolean {
    return this.#socket.closed;
  }

  write(bytes: string | Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Says that no more will come, and waits for all answers. */
  async end(): Promise<readonly string[]> {
    this.#socket.end();
    if (!this.#socket.closed) await once(this.#socket, 'close');
    return this.answers;
  }

  /** Resolves when the other side has ended the connection. */
  async ended(): Promise<readonly string[]> {
    if (!this.#socket.closed) await once(this.#socket, 'close');
    return this.answers;
  }

  /** Goes away without a word. */
  destroy(): void {
    this.#socket.resetAndDestroy();
  }
}
