import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiDefaultResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { problemAnswer } from './answers.ts';
import { Gone } from './client-gone.ts';
import { rangeOf } from './requested-range.ts';
import {
  resultOf,
  resultsAnswer,
  resultsQuery,
  statisticId,
  statisticOf,
  statisticsAnswer,
} from './statistic-answers.ts';
import { StatisticData } from './statistic-data.ts';
import { Tenant, TenantGuard } from './tenant.ts';

const dayMicros = 86_400_000_000;

/** Statistics of the caller's tenant and their results. */
@Controller('v1/statistics')
@UseGuards(TenantGuard)
@ApiBearerAuth()
@ApiDefaultResponse({ standardSchema: problemAnswer, description: 'RFC 9457 problem details.' })
@ApiTags('statistics')
export class StatisticsController {
  readonly #statistics: StatisticData;

  constructor(statistics: StatisticData) {
    this.#statistics = statistics;
  }

  @Get()
  @ApiOperation({ summary: 'All statistics in the order of their ids' })
  @ApiOkResponse({ standardSchema: statisticsAnswer })
  list(@Tenant() tenant: string): z.infer<typeof statisticsAnswer> {
    return { statistics: this.#statistics.all(tenant).map(statisticOf) };
  }

  @Get(':statisticId/results')
  @ApiOperation({ summary: 'Results of one statistic whose windows end in a range of time' })
  @ApiOkResponse({ standardSchema: resultsAnswer })
  async results(
    @Tenant() tenant: string,
    @Param('statisticId', { schema: statisticId }) id: string,
    @Query({ schema: resultsQuery }) query: z.infer<typeof resultsQuery>,
    @Gone() gone: AbortSignal,
  ): Promise<z.infer<typeof resultsAnswer>> {
    const { device, ...rest } = query;
    const range = rangeOf(rest, dayMicros, Date.now() * 1_000);
    const asked = { ...range, device, limit: range.limit + 1 };
    const found = await this.#statistics.results(tenant, id, asked, gone);
    return { results: found.slice(0, range.limit).map(resultOf), complete: found.length <= range.limit };
  }
}
