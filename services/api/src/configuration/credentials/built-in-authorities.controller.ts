/** Makes authorities whose key is kept here, for tenants that have no PKI of their own. */
import { ApiCreatedResponse, ApiOperation, ApiTags, Needs, Tenant } from '@millrace/platform/rest';
import { Body, Controller, Post, Res } from '@nestjs/common';
import { z } from 'zod';
import { resourceAnswers } from '../resources/resource-answers.ts';
import { definitionOf } from '../resources/resource-definitions.ts';
import { Resources } from '../resources/resources.ts';
import { BuiltInAuthorities } from './built-in-authorities.ts';
import { type HeaderReply, versionHeaders } from './secret-reply.ts';

const definition = definitionOf('certificateAuthorities');

const authorityRequest = z
  .strictObject({
    authorityId: z
      .string()
      .regex(/^[a-z0-9-]{1,64}$/)
      .default('built-in'),
  })
  .prefault({})
  .meta({ id: 'BuiltInAuthorityRequest' });

@Controller('v1/certificate-authorities/built-in')
@Needs('admin')
@ApiTags('certificate-authorities')
export class BuiltInAuthoritiesController {
  readonly #authorities: BuiltInAuthorities;
  readonly #resources: Resources;

  constructor(authorities: BuiltInAuthorities, resources: Resources) {
    this.#authorities = authorities;
    this.#resources = resources;
  }

  @Post()
  @ApiOperation({
    summary: 'Makes an authority that signs certificates of devices',
    description: 'Its key never leaves the database. Of several, the newest one signs.',
  })
  @ApiCreatedResponse({ standardSchema: resourceAnswers(definition).one })
  async create(
    @Tenant() tenant: string,
    @Body({ schema: authorityRequest }) { authorityId }: z.infer<typeof authorityRequest>,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<Readonly<Record<string, unknown>>> {
    const created = await this.#authorities.create(tenant, authorityId);
    versionHeaders(reply, created).header('location', `/v1/certificate-authorities/${authorityId}`);
    return this.#resources.view(definition, created);
  }
}
