import { Propagation, type PublishedOffsets } from '@millrace/config';
import { ApiOkResponse, ApiOperation, ApiTags, Needs } from '@millrace/platform/rest';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import type { z } from 'zod';
import { propagationAnswer, propagationOf, propagationQuery } from './propagation-answers.ts';
import { PUBLISHED_OFFSETS } from './propagation.providers.ts';

/** Where a change of the configuration has arrived. */
@Controller('v1/config')
@Needs('read')
@ApiTags('operations')
export class PropagationController {
  readonly #propagation: Propagation;
  readonly #offsets: PublishedOffsets;

  constructor(propagation: Propagation, @Inject(PUBLISHED_OFFSETS) offsets: PublishedOffsets) {
    this.#propagation = propagation;
    this.#offsets = offsets;
  }

  @Get('propagation')
  @ApiOperation({ summary: 'Whether a change of the configuration is live in every service' })
  @ApiOkResponse({ standardSchema: propagationAnswer })
  async propagation(
    @Query({ schema: propagationQuery }) { position, wait }: z.output<typeof propagationQuery>,
  ): Promise<z.infer<typeof propagationAnswer>> {
    return propagationOf(await this.#propagation.awaitLive(position, wait, this.#offsets));
  }
}
