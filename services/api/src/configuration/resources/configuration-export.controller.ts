import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { entityKinds, type WrittenEntity, writtenEntities } from '@millrace/config';
import {
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  type Caller,
  CallerOf,
  Needs,
  requireScope,
} from '@millrace/platform/rest';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { z } from 'zod';
import { begunStream } from '../../http/begun-stream.ts';
import { omittedNames } from './configuration-apply.ts';
import { ConfigurationExport } from './configuration-export.ts';

/** The part of a Fastify reply that is used here. */
interface Reply {
  readonly raw: ServerResponse;
  headers(values: Readonly<Record<string, string>>): Reply;
  send(body: Readable): void;
}

const exportQuery = z.strictObject({
  all: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('All tenants; needs the scope platform.'),
});

/** What has a default in a file may be missing here: secrets always, whole lists for a key that may not see them. */
function exportedList(entity: WrittenEntity): z.ZodType {
  const { document } = entityKinds[entity];
  const members = Object.entries((document as z.ZodObject).shape as Readonly<Record<string, z.ZodType>>).map(
    ([name, member]): [string, z.ZodType] => [
      name,
      member instanceof z.ZodDefault ? (member.unwrap() as z.ZodType).optional() : member,
    ],
  );
  const shown = z.array(z.strictObject(Object.fromEntries(members)));
  return entity === 'tenants' ? shown : shown.optional();
}

const exportAnswer = z
  .strictObject({
    ...Object.fromEntries(writtenEntities.map((entity) => [entity, exportedList(entity)])),
    omitted: z.array(z.enum(omittedNames)).describe('What is not in it; applying it leaves that as it is.'),
  })
  .meta({ id: 'ExportedConfiguration' });

@Controller('v1/config')
@Needs('read')
@ApiTags('config')
export class ConfigurationExportController {
  readonly #export: ConfigurationExport;

  constructor(configurationExport: ConfigurationExport) {
    this.#export = configurationExport;
  }

  @Get('export')
  @ApiOperation({
    summary: 'The configuration as one document, as it is at one moment',
    description:
      'In the form of `POST /v1/config/apply`: applied again it changes nothing. Secrets of channels are never in it; keys and the hashes of passwords only for a key with the scope admin.',
  })
  @ApiOkResponse({ standardSchema: exportAnswer })
  async export(
    @CallerOf() { key, tenant }: Caller,
    @Query({ schema: exportQuery }) { all }: z.infer<typeof exportQuery>,
    @Res() reply: Reply,
  ): Promise<void> {
    if (all) requireScope(key, 'platform');
    const wishes = { tenant: all ? null : tenant, withHashes: key.scopes.includes('admin') };
    const document = await begunStream(this.#export.document(wishes), reply.raw);
    reply.headers({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }).send(document);
  }
}
