/** The versions of scripts: each text that a script had, for ever, and the way back to one. */
import { MillraceError } from '@millrace/contracts';
import { ScriptVersions } from '@millrace/control';
import {
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  etagOf,
  expectedRevision,
  ifMatch,
  Needs,
  Tenant,
} from '@millrace/platform/rest';
import { Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { z } from 'zod';
import { resourceAnswers } from './resource-answers.ts';
import { definitionOf } from './resource-definitions.ts';
import { overrideReason, positionHeader } from './resource-request.ts';
import { Resources } from './resources.ts';
import { versionOf } from '../scripts/stored-versions.ts';
import { versionsPerScriptMax } from './script-history.ts';

const definition = definitionOf('scripts');
const { one: scriptAnswer } = resourceAnswers(definition);

const int32Max = 2 ** 31 - 1;
const versionNumber = z.coerce.number().int().min(1).max(int32Max);

const versionsQuery = z.strictObject({
  cursor: versionNumber.optional().describe('`next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(versionsPerScriptMax).default(100),
});

const restoreQuery = z.strictObject({ override: overrideReason });

const versionShape = {
  scriptId: z.string(),
  version: z.int(),
  language: z.string(),
  hash: z.string().describe('SHA-256 of the text in UTF-8, hexadecimal.'),
  createdAt: z.iso.datetime(),
  override: z.string().nullable().describe('Why it was published although it failed its samples; null: they passed.'),
};
const versionAnswer = z.strictObject({ ...versionShape, source: z.string() }).meta({ id: 'ScriptVersion' });
const versionsAnswer = z
  .strictObject({
    items: z.array(z.strictObject(versionShape)).describe('The newest first.'),
    next: z.string().nullable().describe('Cursor of the next page; null: this is the last.'),
  })
  .meta({ id: 'ScriptVersionPage' });

/** The part of a Fastify reply that is used here. */
interface Reply {
  header(name: string, value: string): Reply;
}

@Controller('v1/scripts/:id/versions')
@Needs('read')
@ApiTags('scripts')
export class ScriptVersionsController {
  readonly #resources: Resources;

  constructor(resources: Resources) {
    this.#resources = resources;
  }

  @Get()
  @ApiOperation({ summary: 'Versions of a script, also of one that was deleted', description: 'Without their texts.' })
  @ApiOkResponse({ standardSchema: versionsAnswer })
  async list(
    @Tenant() tenant: string,
    @Param('id') id: string,
    @Query({ schema: versionsQuery }) { cursor = int32Max, limit }: z.infer<typeof versionsQuery>,
  ): Promise<z.infer<typeof versionsAnswer>> {
    const found = await this.#resources.within(tenant, (transaction) =>
      new ScriptVersions(transaction, tenant).list(id, cursor, limit + 1),
    );
    if (found.length === 0 && cursor === int32Max)
      throw new MillraceError('not_found', `There is no script ${id}, nor was there one.`);
    const items = found.slice(0, limit);
    return {
      items: items.map(({ createdAt, ...rest }) => ({ scriptId: id, ...rest, createdAt: createdAt.toISOString() })),
      next: found.length > limit ? String(items.at(-1)!.version) : null,
    };
  }

  @Get(':version')
  @ApiOperation({ summary: 'One version of a script with its text, which never changes' })
  @ApiOkResponse({ standardSchema: versionAnswer })
  async get(
    @Tenant() tenant: string,
    @Param('id') id: string,
    @Param('version', { schema: versionNumber }) version: number,
  ): Promise<z.infer<typeof versionAnswer>> {
    const { createdAt, ...rest } = await versionOf(this.#resources, tenant, id, version);
    return { ...rest, createdAt: createdAt.toISOString() };
  }

  @Post(':version/restore')
  @HttpCode(200)
  @Needs('write')
  @ApiOperation({
    summary: 'Goes back to the text of an earlier version, as a new version',
    description: 'Samples stay as they are, and have to pass. Where the script has this text already, nothing changes.',
  })
  @ApiHeader(ifMatch)
  @ApiOkResponse({ standardSchema: scriptAnswer })
  async restore(
    @Tenant() tenant: string,
    @Param('id') id: string,
    @Param('version', { schema: versionNumber }) version: number,
    @Headers('if-match') expected: string | undefined,
    @Query({ schema: restoreQuery }) options: z.infer<typeof restoreQuery>,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { language, source } = await versionOf(this.#resources, tenant, id, version);
    const text = { language, source };
    const { resource, position } = await this.#resources.patch(
      definition,
      tenant,
      id,
      text,
      expectedRevision(expected),
      options,
    );
    reply.header('etag', etagOf(resource)).header(positionHeader, String(position ?? resource.revision));
    return this.#resources.view(definition, resource);
  }
}
