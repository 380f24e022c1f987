/** What requests the api takes beside JSON of up to a megabyte: a whole configuration, and lists that are read as they arrive. */
import { MillraceError } from '@millrace/contracts';
import { refuseConnection } from '@millrace/gateways';
import { acceptJson } from '@millrace/platform/rest';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** A whole configuration: about 200,000 devices. */
const configurationBytesMax = 64 * 1024 * 1024;
/** The same over a slow line. */
const configurationMsMax = 120_000;
const wholeConfiguration = '/v1/config/apply';

/** As they arrive: whoever reads them sees to their size. */
const streamedTypes = ['text/csv', 'application/x-ndjson'];
const streamed = new Set(['/v1/devices/import']);

export function acceptBodies(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRoute', (route) => {
    if (route.url === wholeConfiguration) route.bodyLimit = configurationBytesMax;
  });
  acceptJson(app, { streamed, msMax: new Map([[wholeConfiguration, configurationMsMax]]) });
  fastify.server.removeAllListeners('clientError').on('clientError', refuseConnection);
  fastify.addContentTypeParser(streamedTypes, (request, payload, done) => {
    if (streamed.has(request.routeOptions.url ?? '')) done(null, payload);
    else done(new MillraceError('unsupported_media_type', 'This route takes JSON.'));
  });
}
