import { MillraceError } from '@millrace/contracts';
import { type Erasure, Erasures } from '@millrace/control';
import {
  ApiAcceptedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  type Caller,
  CallerOf,
  Needs,
} from '@millrace/platform/rest';
import { Controller, Delete, Get, HttpCode, Param, Query, Res } from '@nestjs/common';
import type { z } from 'zod';
import { platformTenant } from '../resources/first-key.ts';
import { positionHeader } from '../resources/resource-request.ts';
import { deletionQuery, erasureAnswer, erasureOf, erasuresAnswer, erasuresQuery } from './erasure-answers.ts';
import { hiddenTenant } from './erasure-steps.ts';

/** The part of a Fastify reply that is used here. */
interface Reply {
  header(name: string, value: string): Reply;
}

/** Deletes a tenant with everything it has. */
@Controller('v1/tenants')
@Needs('platform')
@ApiTags('tenants')
export class TenantDeletionController {
  readonly #erasures: Erasures;

  constructor(erasures: Erasures) {
    this.#erasures = erasures;
  }

  @Delete(':id')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Deletes a tenant and everything it has',
    description:
      'Its data is hidden at once and erased from then on; there is no way back, and its name is not given again. The receipt tells how far it is. Asked for again, everything is looked for and erased once more.',
  })
  @ApiAcceptedResponse({ standardSchema: erasureAnswer })
  async remove(
    @Param('id') tenant: string,
    @Query({ schema: deletionQuery }) { confirm }: z.infer<typeof deletionQuery>,
    @CallerOf() { key }: Caller,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<z.infer<typeof erasureAnswer>> {
    if (confirm !== tenant) throw unconfirmed(tenant);
    if (tenant === platformTenant || tenant === key.tenant)
      throw new MillraceError('in_use', `Your installation or your key depends on the tenant ${tenant}; it stays.`);
    const erasure = await this.#erasures.ask(tenant, key.keyId, hiddenTenant);
    reply.header('location', `/v1/erasures/${tenant}`).header(positionHeader, String(erasure.position));
    return erasureOf(erasure);
  }
}

/** Receipts of what was erased, and how far the rest is. */
@Controller('v1/erasures')
@Needs('platform')
@ApiTags('tenants')
export class ErasuresController {
  readonly #erasures: Erasures;

  constructor(erasures: Erasures) {
    this.#erasures = erasures;
  }

  @Get()
  @ApiOperation({ summary: 'Lists: erasures of tenants, in the order of their names' })
  @ApiOkResponse({ standardSchema: erasuresAnswer })
  async list(
    @Query({ schema: erasuresQuery }) { cursor, limit }: z.infer<typeof erasuresQuery>,
  ): Promise<z.infer<typeof erasuresAnswer>> {
    const found = await this.#erasures.list(cursor, limit + 1);
    const items = found.slice(0, limit).map(erasureOf);
    return { items, next: found.length > limit ? items.at(-1)!.tenant : null };
  }

  @Get(':id')
  @ApiOperation({ summary: 'The receipt of one erasure' })
  @ApiOkResponse({ standardSchema: erasureAnswer })
  async get(@Param('id') tenant: string): Promise<z.infer<typeof erasureAnswer>> {
    return erasureOf((await this.#erasures.find(tenant)) ?? absent(tenant));
  }
}

function absent(tenant: string): Erasure {
  throw new MillraceError('not_found', `No erasure of a tenant ${tenant} was asked for.`);
}

function unconfirmed(tenant: string): MillraceError {
  const detail = `Must be ${tenant}: everything that the tenant has is deleted for good.`;
  return new MillraceError('invalid_field', `confirm: ${detail}`, {
    errors: [{ field: 'confirm', code: 'invalid_value', detail }],
  });
}
