/** The OpenAPI 3.1 document at `/docs-json` and its page at `/docs`; the page's files come from the package, not from the net. */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Millrace')
    .setDescription('Devices and their values. Errors are RFC 9457 problem details with `code` and `retry`.')
    .setVersion('0.1.0')
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key with the scope read.' });
  return SwaggerModule.createDocument(app, builder.build());
}

export function serveOpenApi(app: NestFastifyApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), { customSiteTitle: 'Millrace API' });
}
