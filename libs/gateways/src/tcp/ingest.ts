/** The server behind `tcp.gateway.ts`: admits connections, lets none of them last for nothing, and says goodbye to all. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { MillraceError } from '@millrace/contracts';
import { ConfirmationLimit } from '../confirmation-limit.ts';
import { Deadlines } from '../deadlines.ts';
import { drain } from '../drain.ts';
import type { GatewayPorts } from '../gateway.ts';
import type { TlsIdentity } from '../tls-identity.ts';
import { TcpConnection } from './connection.ts';
import type { TcpHouse } from './house.ts';
import { Room } from './room.ts';
import type { TcpGatewaySettings } from './settings.ts';

/** Finds the other side gone, and keeps routers from forgetting a connection on which nothing is sent. */
const keepAliveMs = 60_000;
/** The other side has our last answer after a round trip or two, and hangs up. */
const goodbyeMsMax = 2_000;
/** Connections that are not ours yet: their handshake takes a few milliseconds, or ends after seconds. */
const handshakesMax = 1_000;

export class TcpIngest {
  readonly #settings: TcpGatewaySettings;
  readonly #ports: GatewayPorts;
  readonly #server: Server;
  readonly #identity: TlsIdentity | undefined;
  readonly #connections = new Set<TcpConnection>();
  readonly #confirmations: ConfirmationLimit;
  readonly #firstLines: Deadlines<TcpConnection>;
  readonly #idle: Deadlines<TcpConnection>;
  readonly #goodbyes: Deadlines<TcpConnection>;
  readonly #house: TcpHouse;
  #stopped: Promise<void> | undefined;

  /** `identity`: it listens for TLS, and shows this. */
  constructor(settings: TcpGatewaySettings, ports: GatewayPorts, identity?: TlsIdentity) {
    const { clock } = ports;
    this.#settings = settings;
    this.#ports = ports;
    this.#confirmations = new ConfirmationLimit(settings.confirmMsMax, clock);
    this.#firstLines = new Deadlines(settings.firstLineMsMax, clock, (one) =>
      one.leave(new MillraceError('request_timeout', 'The first line did not arrive in time.')),
    );
    this.#idle = new Deadlines(settings.idleMsMax, clock, (one) => this.#endIdle(one));
    this.#goodbyes = new Deadlines(goodbyeMsMax, clock, (one) => one.destroy());
    this.#house = {
      ports,
      confirmations: this.#confirmations,
      room: new Room({
        linesMax: settings.unansweredMax,
        bytesMax: settings.unansweredBytesMax,
        unfinishedBytesMax: settings.unfinishedBytesMax,
      }),
      unansweredPerConnectionMax: settings.unansweredPerConnectionMax,
      active: (one) => this.#keepAlive(one),
      said: (one) => this.#goodbyes.start(one),
    };
    this.#identity = identity;
    const options = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs };
    this.#server = identity ? createTlsServer({ ...options, ...identity.options }) : createServer(options);
    if (identity) this.#server.maxConnections = settings.connectionsMax + handshakesMax;
    this.#server.on(identity ? 'secureConnection' : 'connection', (socket: Socket) => this.#admit(socket));
  }

  async listen(): Promise<string> {
    this.#server.listen(this.#settings.port, this.#settings.host);
    await once(this.#server, 'listening');
    this.#server.on('error', (error) => this.#ports.failed(error));
    void this.#identity?.follow(this.#server as TlsServer, this.#ports.clock, (error) => this.#ports.failed(error));
    const { address, port, family } = this.#server.address() as AddressInfo;
    return `${this.#identity ? 'tls' : 'tcp'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    this.#identity?.close();
    this.#firstLines.close();
    this.#idle.close();
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const one of this.#connections) one.leave(stopping());
    await drain(closed, () => this.#connections.forEach((one) => one.destroy()), this.#ports.clock);
    this.#goodbyes.close();
    this.#confirmations.close();
  }

  #admit(socket: Socket): void {
    const connection = new TcpConnection(socket, this.#house);
    this.#connections.add(connection);
    socket.once('close', () => this.#forget(connection));
    if (this.#stopped) connection.leave(stopping());
    else if (this.#connections.size > this.#settings.connectionsMax)
      connection.leave(new MillraceError('overloaded', 'There are too many connections; come again later.'));
    else this.#firstLines.start(connection);
  }

  #forget(connection: TcpConnection): void {
    this.#connections.delete(connection);
    this.#firstLines.end(connection);
    this.#idle.end(connection);
    this.#goodbyes.end(connection);
  }

  #keepAlive(connection: TcpConnection): void {
    if (!this.#connections.has(connection)) return;
    this.#firstLines.end(connection);
    this.#idle.start(connection);
  }

  #endIdle(connection: TcpConnection): void {
    if (connection.idle)
      connection.leave(new MillraceError('request_timeout', 'No line has come for a long time; connect again.'));
    else this.#idle.start(connection);
  }
}

function stopping(): MillraceError {
  return new MillraceError('not_ready', 'The gateway is stopping; connect to another one.');
}
