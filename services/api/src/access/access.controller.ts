import { isoTimeOf } from '@millrace/contracts';
import type { FollowedConfiguration } from '@millrace/config';
import { ApiOkResponse, ApiOperation, ApiTags, type Caller, CallerOf, Needs } from '@millrace/platform/rest';
import { Controller, Get, Inject } from '@nestjs/common';
import type { z } from 'zod';
import { CONFIGURATION } from '@millrace/platform';
import { accessAnswer } from '../data/overview-answers.ts';

/** What a caller may know before it asks for data: whose key it has. */
@Controller('v1')
@Needs('read')
@ApiTags('devices')
export class AccessController {
  readonly #followed: FollowedConfiguration;

  constructor(@Inject(CONFIGURATION) followed: FollowedConfiguration) {
    this.#followed = followed;
  }

  @Get('access')
  @ApiOperation({ summary: 'The tenant that the key opens, and what the key allows' })
  @ApiOkResponse({ standardSchema: accessAnswer })
  access(@CallerOf() { tenant, key }: Caller): z.infer<typeof accessAnswer> {
    const { scopes, expiresAtMicros } = key;
    const name = this.#followed.configuration.tenant(tenant)?.name ?? '';
    const expiresAt = expiresAtMicros === null ? null : isoTimeOf(expiresAtMicros);
    return { tenant, name: name || tenant, scopes: [...scopes], expiresAt };
  }
}
