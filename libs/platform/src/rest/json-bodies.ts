/** Bodies that routes take: JSON and merge patches, over a slow line too, with text that can be stored. */
import type { IncomingMessage } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { requireStorableText } from './storable-text.ts';

/** A megabyte over the slowest link; a body that comes slower holds a connection and nothing else. */
const bodyMsMax = 10_000;

/** By the path of a route, as it is declared. */
export interface JsonExceptions {
  /** Bodies that are read as they arrive: whoever reads them sees to their text and their time. */
  readonly streamed: ReadonlySet<string>;
  /** How long others than usual may take to arrive. */
  readonly msMax: ReadonlyMap<string, number>;
}

export function acceptJson(
  app: NestFastifyApplication,
  { streamed, msMax }: JsonExceptions = { streamed: new Set(), msMax: new Map() },
): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, _reply, done) => {
    const route = request.routeOptions.url ?? '';
    if (!streamed.has(route)) cutOffSlowBody(request.raw, msMax.get(route) ?? bodyMsMax);
    done();
  });
  fastify.addHook('preValidation', (request, _reply, done) => {
    try {
      requireStorableText(request.params);
      requireStorableText(request.query);
      if (!streamed.has(request.routeOptions.url ?? '')) requireStorableText(request.body);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
  const asJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser('application/merge-patch+json', { parseAs: 'string' }, asJson);
}

function cutOffSlowBody(message: IncomingMessage, msMax: number): void {
  const timer = setTimeout(() => {
    if (!message.complete) message.destroy();
  }, msMax).unref();
  message.once('end', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
}
