import { ApiOkResponse, ApiOperation, ApiTags, Gone, Needs, Tenant } from '@millrace/platform/rest';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import { rangeOf } from './requested-range.ts';
import { resultOf, resultsAnswer, resultsQuery, statisticId } from './statistic-answers.ts';
import { StatisticData } from './statistic-data.ts';

const dayMicros = 86_400_000_000;

/** Results of the statistics of the caller's tenant. */
@Controller('v1/statistics')
@Needs('read')
@ApiTags('statistics')
export class StatisticsController {
  readonly #statistics: StatisticData;

  constructor(statistics: StatisticData) {
    this.#statistics = statistics;
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
