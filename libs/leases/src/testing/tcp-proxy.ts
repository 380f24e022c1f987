/** A way to a server that a test can freeze, as a hung server does, or cut, as a broken network does. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Bytes wait on both sides from now on, then go on. */
  freeze(on: boolean): void;
  /** Connections end, and no new ones come about; or do again. */
  cut(on: boolean): void;
  close(): void;
}

export async function tcpProxy(host: string, port: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isFrozen = false;
  let isCut = false;

  const flow = ([one, other]: readonly [Socket, Socket]): void => {
    if (isFrozen) for (const socket of [one, other]) socket.unpipe().pause();
    else {
      one.pipe(other);
      other.pipe(one);
    }
  };
  const end = (pair: readonly [Socket, Socket]): void => {
    pairs.delete(pair);
    for (const socket of pair) socket.destroy();
  };

  const server = createServer((client) => {
    if (isCut) return void client.destroy();
    const pair = [client, connect(port, host)] as const;
    pairs.add(pair);
    for (const socket of pair) socket.on('error', () => end(pair)).on('close', () => end(pair));
    flow(pair);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    freeze(on) {
      isFrozen = on;
      pairs.forEach(flow);
    },
    cut(on) {
      isCut = on;
      if (on) pairs.forEach(end);
    },
    close() {
      pairs.forEach(end);
      server.close();
    },
  };
}
