/** What bodies the api takes beside JSON of up to a megabyte. */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** A whole configuration: about 200,000 devices. */
const configurationBytesMax = 64 * 1024 * 1024;
const wholeConfiguration = new Set(['/v1/config/apply']);

export function acceptBodies(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRoute', (route) => {
    if (wholeConfiguration.has(route.url)) route.bodyLimit = configurationBytesMax;
  });
  const asJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser('application/merge-patch+json', { parseAs: 'string' }, asJson);
}
