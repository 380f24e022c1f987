/** What is known of a tenant's statistics: the definitions, and results over a range of time. */
import type { Configuration } from '@millrace/config';
import { MillraceError, type StatisticConfig } from '@millrace/contracts';
import type { ResultRange, StatisticResultQuery, StoredResult } from '@millrace/timeseries';
import { answeredInTime } from './query-limit.ts';

export class StatisticData {
  readonly #configuration: Pick<Configuration, 'statistics' | 'statistic'>;
  readonly #results: Pick<StatisticResultQuery, 'range'>;

  constructor(
    configuration: Pick<Configuration, 'statistics' | 'statistic'>,
    results: Pick<StatisticResultQuery, 'range'>,
  ) {
    this.#configuration = configuration;
    this.#results = results;
  }

  /** In the order of their ids. */
  all(tenant: string): readonly StatisticConfig[] {
    const own = [...this.#configuration.statistics.values()].filter((statistic) => statistic.tenant === tenant);
    return own.sort((a, b) => (a.statisticId < b.statisticId ? -1 : 1));
  }

  /** Throws `not_found` or `store_unavailable`. */
  async results(
    tenant: string,
    statisticId: string,
    range: Omit<ResultRange, 'tenant' | 'statisticId'>,
    gone: AbortSignal,
  ): Promise<readonly StoredResult[]> {
    if (!this.#configuration.statistic(tenant, statisticId))
      throw new MillraceError('not_found', `There is no statistic ${statisticId}.`);
    return answeredInTime((limit) => this.#results.range({ ...range, tenant, statisticId }, limit), gone);
  }
}
