/** The OpenAPI 3.1 document at `/docs-json` and its page at `/docs`; the page's files come from the package, not from the net. */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

type ApiAnswer = NonNullable<OpenAPIObject['components']>['responses'] extends Record<string, infer A> | undefined
  ? A
  : never;

export interface ApiTexts {
  readonly title: string;
  readonly description: string;
}

function openApiDocument(app: NestFastifyApplication, { title, description }: ApiTexts): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle(title)
    .setDescription(`${description} Errors are RFC 9457 problem details with \`code\` and \`retry\`.`)
    .setVersion('0.1.0')
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      description: 'An API key; each operation needs the scopes that it names.',
    });
  const document = SwaggerModule.createDocument(app, builder.build());
  for (const { get, post, put, patch, delete: remove } of Object.values(document.paths))
    for (const operation of [get, post, put, patch, remove]) nameProblemType(operation?.responses['default']);
  return document;
}

/** The decorator knows one media type for all answers; errors have their own (RFC 9457). */
function nameProblemType(answer: ApiAnswer | undefined): void {
  if (!answer || !('content' in answer) || !answer.content?.['application/json']) return;
  answer.content = { 'application/problem+json': answer.content['application/json'] };
}

export function serveOpenApi(app: NestFastifyApplication, texts: ApiTexts): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app, texts), { customSiteTitle: `${texts.title} API` });
}
