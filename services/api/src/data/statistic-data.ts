/** Results of a tenant's statistics over a range of time. */
import type { Configuration } from '@millrace/config';
import { MillraceError } from '@millrace/contracts';
import type { ResultRange, StatisticResultQuery, StoredResult } from '@millrace/timeseries';
import { answeredInTime } from '../http/query-limit.ts';

export class StatisticData {
  readonly #configuration: Pick<Configuration, 'statistic'>;
  readonly #results: Pick<StatisticResultQuery, 'range'>;

  constructor(configuration: Pick<Configuration, 'statistic'>, results: Pick<StatisticResultQuery, 'range'>) {
    this.#configuration = configuration;
    this.#results = results;
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
