/** A broker for tests that does exactly what it is told: for what real brokers do seldom, or wrong. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { generate, type IConnackPacket, type Packet, parser as createParser } from 'mqtt-packet';
import { soon } from './soon.ts';

export class ScriptedBroker {
  readonly connections: BrokerSide[] = [];
  /** Also after it has stopped: another one may take its place. */
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** `onConnect` is told of each CONNECT. Port 0: any. */
  static async start(
    protocolVersion: 4 | 5,
    { port = 0, onConnect = () => {} }: { port?: number; onConnect?: (side: BrokerSide) => void } = {},
  ): Promise<ScriptedBroker> {
    const server = createServer({ noDelay: true });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const broker = new ScriptedBroker(server);
    server.on('connection', (socket) => broker.connections.push(new BrokerSide(socket, protocolVersion, onConnect)));
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** The n-th connection, from 1, once its CONNECT has come. */
  connection(number: number): Promise<BrokerSide> {
    return soon(() => {
      const connection = this.connections[number - 1];
      if (connection?.received('connect').length !== 1) throw new Error(`Connection ${number} has not come.`);
      return connection;
    });
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    for (const connection of this.connections) connection.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

export class BrokerSide {
  readonly packets: Packet[] = [];
  closed = false;
  /** Does not even answer PINGREQ. */
  mute = false;
  readonly #socket: Socket;
  readonly #protocolVersion: 4 | 5;

  constructor(socket: Socket, protocolVersion: 4 | 5, onConnect: (side: BrokerSide) => void) {
    this.#socket = socket;
    this.#protocolVersion = protocolVersion;
    const parser = createParser({ protocolVersion });
    parser.on('packet', (packet) => {
      this.packets.push(packet);
      if (packet.cmd === 'connect') onConnect(this);
      if (packet.cmd === 'pingreq' && !this.mute) this.send({ cmd: 'pingresp' });
    });
    socket.on('data', (chunk: Buffer) => parser.parse(chunk));
    socket.on('error', () => {});
    socket.on('close', () => (this.closed = true));
  }

  received<C extends Packet['cmd']>(cmd: C): readonly Extract<Packet, { cmd: C }>[] {
    return this.packets.filter((packet) => packet.cmd === cmd) as never;
  }

  /** Packet ids of the packets of this kind, in order. */
  ids(cmd: Packet['cmd']): readonly (number | undefined)[] {
    return this.received(cmd).map(({ messageId }) => messageId);
  }

  /** All in one write. */
  send(...packets: Packet[]): void {
    this.#socket.write(
      Buffer.concat(packets.map((packet) => generate(packet, { protocolVersion: this.#protocolVersion }))),
    );
  }

  sendBytes(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  accept(sessionPresent: boolean, rest: Partial<IConnackPacket> = {}): void {
    const reason = this.#protocolVersion === 5 ? { reasonCode: 0 } : { returnCode: 0 };
    this.send({ cmd: 'connack', sessionPresent, ...reason, ...rest });
  }

  publish(...messages: { id: number; text: string; qos?: 0 | 1 | 2; dup?: boolean }[]): void {
    this.send(
      ...messages.map(({ id, text, qos = 1, dup = false }) => {
        const payload = Buffer.from(text);
        return { cmd: 'publish', topic: 'plant/d1/up', payload, qos, dup, retain: false, messageId: id } as const;
      }),
    );
  }

  cut(): void {
    this.#socket.destroy();
  }
}
