import { CONFIGURATION } from '@millrace/platform';
import { type ApiKeyConfig, isoTimeOf } from '@millrace/contracts';
import type { FollowedConfiguration } from '@millrace/config';
import { Controller, Get, Inject, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiDefaultResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { problemAnswer } from './answers.ts';
import { accessAnswer, productsAnswer } from './overview-answers.ts';
import { Key, Tenant, TenantGuard } from './tenant.ts';

/** What a caller may know before it asks for data: whose key it has, and what the tenant's devices send. */
@Controller('v1')
@UseGuards(TenantGuard)
@ApiBearerAuth()
@ApiDefaultResponse({ standardSchema: problemAnswer, description: 'RFC 9457 problem details.' })
@ApiTags('devices')
export class AccessController {
  readonly #followed: FollowedConfiguration;

  constructor(@Inject(CONFIGURATION) followed: FollowedConfiguration) {
    this.#followed = followed;
  }

  @Get('access')
  @ApiOperation({ summary: 'The tenant that the key opens, and what the key allows' })
  @ApiOkResponse({ standardSchema: accessAnswer })
  access(@Key() { tenant, scopes, expiresAtMicros }: ApiKeyConfig): z.infer<typeof accessAnswer> {
    const name = this.#followed.configuration.tenant(tenant)?.name ?? '';
    const expiresAt = expiresAtMicros === null ? null : isoTimeOf(expiresAtMicros);
    return { tenant, name: name || tenant, scopes: [...scopes], expiresAt };
  }

  @Get('products')
  @ApiOperation({ summary: 'The products of the tenant with their signals and units' })
  @ApiOkResponse({ standardSchema: productsAnswer })
  products(@Tenant() tenant: string): z.infer<typeof productsAnswer> {
    const products = [...this.#followed.configuration.products.values()].filter((one) => one.tenant === tenant);
    return {
      products: products.map(({ productId, name, signals }) => ({
        productId,
        name,
        signals: signals.map((one) => ({ name: one.name, unit: one.unit, description: one.description })),
      })),
    };
  }
}
