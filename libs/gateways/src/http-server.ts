/** A Fastify server for devices: quiet, with limits on everything a client can hold open. */
import type { TlsOptions } from 'node:tls';
import fastify, { type FastifyInstance } from 'fastify';
import { refuseConnection } from './http-problem.ts';

/** A credential and some headers of a balancer; Node's default is 16 KiB. */
const headBytesMax = 8 * 1024;
/** Slow senders on bad links are devices' daily life; a sender that dribbles its head on purpose is cut off. */
const headMsMax = 10_000;
const requestMsMax = 60_000;
/** Longer than the 60 s after which balancers usually drop an idle connection, so that they do it first. */
const idleMsMax = 72_000;

/** Not listening yet; without body parsers. */
export function createHttpServer(connectionsMax: number, tls?: TlsOptions): FastifyInstance {
  const head = { maxHeaderSize: headBytesMax, headersTimeout: headMsMax };
  const options = {
    logger: false,
    exposeHeadRoutes: false,
    keepAliveTimeout: idleMsMax,
    requestTimeout: requestMsMax,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    clientErrorHandler: refuseConnection,
  } as const;
  const server: FastifyInstance = tls
    ? (fastify({ ...options, https: { ...tls, ...head } }) as unknown as FastifyInstance)
    : fastify({ ...options, http: head });
  server.server.maxConnections = connectionsMax;
  server.removeAllContentTypeParsers();
  return server;
}
