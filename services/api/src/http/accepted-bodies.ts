/** What requests the api takes: bodies beside JSON of up to a megabyte, and text that can be stored. */
import type { IncomingMessage } from 'node:http';
import { MillraceError } from '@millrace/contracts';
import { refuseConnection } from '@millrace/gateways';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { requireStorableText } from './storable-text.ts';

/** A whole configuration: about 200,000 devices. */
const configurationBytesMax = 64 * 1024 * 1024;
/** The same over a slow line. */
const configurationMsMax = 120_000;
const wholeConfiguration = new Set(['/v1/config/apply']);

/** As they arrive: whoever reads them sees to their size. */
const streamedTypes = ['text/csv', 'application/x-ndjson'];
const streamed = new Set(['/v1/devices/import']);

/** A megabyte over the slowest link; a body that comes slower holds a connection and nothing else. */
const bodyMsMax = 10_000;

export function acceptBodies(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRoute', (route) => {
    if (wholeConfiguration.has(route.url)) route.bodyLimit = configurationBytesMax;
  });
  fastify.addHook('onRequest', (request, _reply, done) => {
    const route = request.routeOptions.url ?? '';
    if (!streamed.has(route))
      cutOffSlowBody(request.raw, wholeConfiguration.has(route) ? configurationMsMax : bodyMsMax);
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
  fastify.server.removeAllListeners('clientError').on('clientError', refuseConnection);
  const asJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser('application/merge-patch+json', { parseAs: 'string' }, asJson);
  fastify.addContentTypeParser(streamedTypes, (request, payload, done) => {
    if (streamed.has(request.routeOptions.url ?? '')) done(null, payload);
    else done(new MillraceError('unsupported_media_type', 'This route takes JSON.'));
  });
}

function cutOffSlowBody(message: IncomingMessage, msMax: number): void {
  const timer = setTimeout(() => {
    if (!message.complete) message.destroy();
  }, msMax).unref();
  message.once('end', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
}
