/** Secrets by which devices of a product register themselves; each is shown once. */
import type { SecretChange } from '@millrace/control';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  Needs,
  Tenant,
} from '@millrace/platform/rest';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { z } from 'zod';
import { type HeaderReply, neverStored } from '../credentials/secret-reply.ts';
import {
  newSecretAnswer,
  secretAnswer,
  secretForm,
  secretPage,
  secretPatch,
  secretRequest,
} from './registration-answers.ts';
import { RegistrationSecrets } from './registration-secrets.ts';
import { pageQuery } from './row-pages.ts';

const listQuery = z.strictObject({ productId: z.string().max(64).optional(), ...pageQuery });

@Controller('v1/registration-secrets')
@Needs('admin')
@ApiTags('registrations')
export class RegistrationSecretsController {
  readonly #secrets: RegistrationSecrets;

  constructor(secrets: RegistrationSecrets) {
    this.#secrets = secrets;
  }

  @Post()
  @ApiOperation({ summary: 'Makes a secret by which devices of a product register themselves; it is shown this once' })
  @ApiCreatedResponse({ standardSchema: newSecretAnswer })
  async create(
    @Tenant() tenant: string,
    @Body({ schema: secretRequest }) request: z.infer<typeof secretRequest>,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<z.infer<typeof newSecretAnswer>> {
    const { row, secret } = await this.#secrets.create(tenant, {
      product_id: request.productId,
      name: request.name,
      expires_at: dateOf(request.expiresAt),
      devices_max: request.devicesMax,
      approval: request.approval,
    });
    neverStored(reply).header('location', `/v1/registration-secrets/${row.id}`);
    return { ...secretForm(row), secret };
  }

  @Get()
  @Needs('read')
  @ApiOperation({ summary: 'Lists registration secrets, a page at a time' })
  @ApiOkResponse({ standardSchema: secretPage })
  async list(
    @Tenant() tenant: string,
    @Query({ schema: listQuery }) { cursor, limit, ...filters }: z.infer<typeof listQuery>,
  ): Promise<z.infer<typeof secretPage>> {
    const { items, next } = await this.#secrets.list(tenant, { cursor, limit, filters });
    return { items: items.map(secretForm), next };
  }

  @Get(':id')
  @Needs('read')
  @ApiOperation({ summary: 'One registration secret' })
  @ApiOkResponse({ standardSchema: secretAnswer })
  async get(@Tenant() tenant: string, @Param('id') id: string): Promise<z.infer<typeof secretAnswer>> {
    return secretForm(await this.#secrets.get(tenant, id));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Changes or disables one registration secret' })
  @ApiOkResponse({ standardSchema: secretAnswer })
  async change(
    @Tenant() tenant: string,
    @Param('id') id: string,
    @Body({ schema: secretPatch }) patch: z.infer<typeof secretPatch>,
  ): Promise<z.infer<typeof secretAnswer>> {
    return secretForm(await this.#secrets.change(tenant, id, changeOf(patch)));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Deletes one registration secret, and forgets who waits by it; devices stay' })
  @ApiNoContentResponse()
  async remove(@Tenant() tenant: string, @Param('id') id: string): Promise<void> {
    await this.#secrets.remove(tenant, id);
  }
}

function changeOf({ name, expiresAt, devicesMax, approval, enabled }: z.infer<typeof secretPatch>): SecretChange {
  return {
    ...(name !== undefined && { name }),
    ...(expiresAt !== undefined && { expires_at: dateOf(expiresAt) }),
    ...(devicesMax !== undefined && { devices_max: devicesMax }),
    ...(approval !== undefined && { approval }),
    ...(enabled !== undefined && { enabled }),
  };
}

function dateOf(time: string | null): Date | null {
  return time === null ? null : new Date(time);
}
