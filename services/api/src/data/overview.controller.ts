import { isoTimeOf } from '@millrace/contracts';
import { ApiOkResponse, ApiOperation, ApiTags, Gone, Needs, Tenant } from '@millrace/platform/rest';
import { Controller, Get, Query } from '@nestjs/common';
import type { z } from 'zod';
import { DeviceData } from './device-data.ts';
import { latestOfManyAnswer, latestOfManyOf, latestQuery, trendsAnswer, trendsQuery } from './overview-answers.ts';
import { timeSpanOf } from './requested-range.ts';

const trendMicros = 15 * 60_000_000;

/** Values of several devices at once. */
@Controller('v1')
@Needs('read')
@ApiTags('values')
export class OverviewController {
  readonly #deviceData: DeviceData;

  constructor(deviceData: DeviceData) {
    this.#deviceData = deviceData;
  }

  @Get('latest')
  @ApiOperation({ summary: 'The latest value of every signal of several devices' })
  @ApiOkResponse({ standardSchema: latestOfManyAnswer })
  async latest(
    @Tenant() tenant: string,
    @Query({ schema: latestQuery }) { devices }: z.infer<typeof latestQuery>,
  ): Promise<z.infer<typeof latestOfManyAnswer>> {
    return latestOfManyOf(await this.#deviceData.latestOfMany(tenant, devices));
  }

  @Get('trends')
  @ApiOperation({ summary: 'The course of the numeric signals of several devices, in equal steps of time' })
  @ApiOkResponse({ standardSchema: trendsAnswer })
  async trends(
    @Tenant() tenant: string,
    @Query({ schema: trendsQuery }) { devices, from, to, buckets }: z.infer<typeof trendsQuery>,
    @Gone() gone: AbortSignal,
  ): Promise<z.infer<typeof trendsAnswer>> {
    const { fromMicros, toMicros } = timeSpanOf({ from, to }, trendMicros, Date.now() * 1000);
    const bucketMicros = Math.max(1, Math.ceil((toMicros - fromMicros) / buckets));
    const trends = await this.#deviceData.trends(tenant, devices, { fromMicros, bucketMicros, buckets }, gone);
    return {
      from: isoTimeOf(fromMicros),
      bucketMs: bucketMicros / 1_000,
      trends: [...trends],
    };
  }
}
