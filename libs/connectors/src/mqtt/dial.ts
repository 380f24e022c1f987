/** Opens the byte stream to a broker: TCP, TLS or WebSocket. */
import { once } from 'node:events';
import { connect as connectTcp, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import WebSocket, { createWebSocketStream } from 'ws';
import type { ConnectionTls } from '../connector.ts';
import { tlsOptions } from '../tls-settings.ts';

/** Resolves with a stream that may be written to; rejects when the signal aborts or the broker cannot be reached. */
export function dial(url: URL, tls: ConnectionTls | null, signal: AbortSignal): Promise<Duplex> {
  const secure = tlsOptions(tls);
  if (url.protocol === 'ws:' || url.protocol === 'wss:') {
    const webSocket = new WebSocket(url, 'mqtt', { ...secure, perMessageDeflate: false });
    return opened(createWebSocketStream(webSocket), webSocket, 'open', signal);
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (url.protocol === 'mqtts:') {
    const servername = isIP(host) === 0 ? host : '';
    const socket = connectTls({ host, port: Number(url.port || 8883), servername, ...secure });
    socket.setNoDelay(true);
    return opened(socket, socket, 'secureConnect', signal);
  }
  const socket = connectTcp({ host, port: Number(url.port || 1883), noDelay: true });
  return opened(socket, socket, 'connect', signal);
}

async function opened(stream: Duplex, emitter: NodeJS.EventEmitter, event: string, signal: AbortSignal) {
  // The stream of a WebSocket fails in the same turn as the WebSocket itself, before anybody else can listen.
  stream.on('error', () => {});
  try {
    await once(emitter, event, { signal });
    return stream;
  } catch (error) {
    stream.destroy();
    throw error;
  }
}
