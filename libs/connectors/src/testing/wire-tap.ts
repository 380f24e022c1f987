/** A TCP proxy before a real broker that notes every packet in both directions, and can cut the line. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type Packet, parser as createParser } from 'mqtt-packet';

export interface TappedPacket {
  readonly from: 'client' | 'broker';
  /** Number of the connection, from 1. */
  readonly connection: number;
  readonly packet: Packet;
}

export class WireTap {
  readonly packets: TappedPacket[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #connections = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(brokerUrl: string, protocolVersion: 4 | 5): Promise<WireTap> {
    const { hostname, port } = new URL(brokerUrl);
    const server = createServer({ noDelay: true });
    const tap = new WireTap(server);
    server.on('connection', (client) => {
      const connection = (tap.#connections += 1);
      const broker = connect({ host: hostname, port: Number(port), noDelay: true });
      tap.#note(client, 'client', connection, protocolVersion);
      tap.#note(broker, 'broker', connection, protocolVersion);
      client.pipe(broker).pipe(client);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return tap;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Packets of this kind, in order, of one connection or all. */
  seen<C extends Packet['cmd']>(cmd: C, connection?: number): readonly Extract<Packet, { cmd: C }>[] {
    const chosen = this.packets.filter(
      (tapped) => tapped.packet.cmd === cmd && (connection === undefined || tapped.connection === connection),
    );
    return chosen.map(({ packet }) => packet) as never;
  }

  /** As when a cable is pulled: both sides lose the connection without a word. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #note(socket: Socket, from: TappedPacket['from'], connection: number, protocolVersion: 4 | 5): void {
    const parser = createParser({ protocolVersion });
    parser.on('packet', (packet) => this.packets.push({ from, connection, packet }));
    socket.on('data', (chunk: Buffer) => parser.parse(chunk));
    socket.on('error', () => {});
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
