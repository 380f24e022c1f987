import { isoTimeOf } from '@millrace/contracts';
import { ApiOkResponse, ApiOperation, ApiTags, Gone, Needs, Tenant } from '@millrace/platform/rest';
import { bucketMicrosOf } from '@millrace/timeseries';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import type { z } from 'zod';
import { DeviceData } from './device-data.ts';
import { latestOfManyAnswer, latestOfManyOf } from './overview-answers.ts';
import { timeSpanOf } from './requested-range.ts';
import { bucketsOf, courseOf, latestRequest, seriesAnswer, seriesRequest } from './series-answers.ts';

const hourMicros = 3_600_000_000;

/** Many devices or series in one question, which is too long for an address. */
@Controller('v1/points')
@Needs('read')
@ApiTags('values')
export class SeriesController {
  readonly #deviceData: DeviceData;

  constructor(deviceData: DeviceData) {
    this.#deviceData = deviceData;
  }

  @Post('latest')
  @HttpCode(200)
  @ApiOperation({ summary: 'The latest values of up to a thousand devices' })
  @ApiOkResponse({ standardSchema: latestOfManyAnswer })
  async latest(
    @Tenant() tenant: string,
    @Body({ schema: latestRequest }) { devices, signals }: z.infer<typeof latestRequest>,
  ): Promise<z.infer<typeof latestOfManyAnswer>> {
    return latestOfManyOf(await this.#deviceData.latestOfMany(tenant, devices, signals));
  }

  @Post('query')
  @HttpCode(200)
  @ApiOperation({ summary: 'Many numeric series over a range of time, downsampled' })
  @ApiOkResponse({ standardSchema: seriesAnswer })
  async query(
    @Tenant() tenant: string,
    @Body({ schema: seriesRequest }) { series, from, to, points, method }: z.infer<typeof seriesRequest>,
    @Gone() gone: AbortSignal,
  ): Promise<z.infer<typeof seriesAnswer>> {
    const span = timeSpanOf({ from, to }, hourMicros, Date.now() * 1_000);
    const wanted = { ...span, series, points };
    const range = { from: isoTimeOf(span.fromMicros), to: isoTimeOf(span.toMicros) };
    if (method === 'lttb') {
      const found = await this.#deviceData.course(tenant, wanted, gone);
      return { method, ...range, series: found.map(courseOf) };
    }
    const found = await this.#deviceData.buckets(tenant, wanted, gone);
    return { method, ...range, bucketMs: bucketMicrosOf(wanted) / 1_000, series: found.map(bucketsOf) };
  }
}
