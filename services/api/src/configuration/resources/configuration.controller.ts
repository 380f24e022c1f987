/** The configuration as a whole, for those who keep it as files. */
import { type Entities, fileSchemas, writtenEntities } from '@millrace/config';
import { MillraceError } from '@millrace/contracts';
import { Outbox } from '@millrace/control';
import {
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  type Caller,
  CallerOf,
  Needs,
  requireGivable,
} from '@millrace/platform/rest';
import { Body, Controller, HttpCode, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { overrideReason } from './resource-request.ts';
import { type AppliedFiles, type ApplyOptions, ConfigurationApply, omittedNames } from './configuration-apply.ts';

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');

const applyQuery = z.strictObject({
  prune: flag.describe('Also deletes what the files do not have, of the tenants that they have.'),
  dryRun: flag.describe('Only says what would be done; scripts are tried.'),
  override: overrideReason,
});

const applyBody = z
  .strictObject({
    ...fileSchemas,
    omitted: z.array(z.enum(omittedNames)).default([]).describe('Of an export: it stays as it is.'),
  })
  .meta({ id: 'ConfigurationFiles', description: 'The files of a configuration folder; scripts with their source.' });

const appliedAnswer = z
  .strictObject({
    changes: z.array(
      z.strictObject({
        tenant: z.string(),
        entity: z.enum(writtenEntities as unknown as [string, ...string[]]),
        id: z.string(),
        change: z.enum(['created', 'changed', 'deleted']),
        members: z.array(z.string()).describe('What differs in what was changed.'),
      }),
    ),
    unchanged: z.int(),
    position: z.string().nullable().describe('For `GET /v1/config/propagation`.'),
  })
  .meta({ id: 'AppliedConfiguration' });

const republishedAnswer = z.strictObject({ entities: z.int() }).meta({ id: 'RepublishedConfiguration' });

@Controller('v1/config')
@Needs('write')
@ApiTags('config')
export class ConfigurationController {
  readonly #apply: ConfigurationApply;
  readonly #outbox: Outbox;

  constructor(apply: ConfigurationApply, outbox: Outbox) {
    this.#apply = apply;
    this.#outbox = outbox;
  }

  @Post('republish')
  @HttpCode(200)
  @Needs('platform')
  @ApiOperation({
    summary: 'Writes every entity to its topic anew',
    description: 'For topics that lost records. What is there already is written again with the same content.',
  })
  @ApiOkResponse({ standardSchema: republishedAnswer })
  async republish(): Promise<z.infer<typeof republishedAnswer>> {
    const { entities } = await this.#outbox.appendAll();
    return { entities };
  }

  @Post('apply')
  @HttpCode(200)
  @Needs('write', 'admin')
  @ApiOperation({
    summary: 'Brings the configuration to what files say',
    description: 'A key of a tenant speaks for its own tenant, one with the scope platform for all.',
  })
  @ApiOkResponse({ standardSchema: appliedAnswer })
  async apply(
    @CallerOf() caller: Caller,
    @Body({ schema: applyBody }) files: z.infer<typeof applyBody>,
    @Query({ schema: applyQuery }) options: z.infer<typeof applyQuery>,
  ): Promise<z.infer<typeof appliedAnswer>> {
    const foreign = caller.key.scopes.includes('platform')
      ? undefined
      : files.tenants.find((one) => one.tenant !== caller.tenant);
    if (foreign)
      throw new MillraceError('not_allowed', `The key is of ${caller.tenant}, the files speak of ${foreign.tenant}.`);
    const { changes, unchanged, position } = await this.#apply.apply(files as AppliedFiles, {
      ...options,
      allow: allowedBy(caller),
    });
    return {
      changes: changes.map((change) => ({ ...change, members: [...change.members] })),
      unchanged,
      position: position === undefined ? null : String(position),
    };
  }
}

/** A tenant neither configures another one, nor changes what the platform grants it, nor gives keys more than it has. */
function allowedBy({ key, tenant }: Caller): ApplyOptions['allow'] {
  return (entity, wanted) => {
    if (key.scopes.includes('platform')) return;
    if (entity === 'tenants')
      throw new MillraceError('not_allowed', 'Only a key of the platform changes a tenant itself.');
    if (wanted.tenant !== tenant)
      throw new MillraceError('not_allowed', `The key is of ${tenant}, the files speak of ${wanted.tenant}.`);
    if (entity === 'apiKeys') requireGivable(key, (wanted as Entities['apiKeys']).scopes);
  };
}
