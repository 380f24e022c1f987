/** The doors to what the historian stored. */
import type { DataRowList } from '@millrace/contracts';
import {
  connectRedis,
  countStoredRows,
  LatestValues,
  PointPages,
  PointQuery,
  QuestDb,
  SeriesQuery,
  StatisticResultQuery,
  TrendQuery,
} from '@millrace/timeseries';

export class Stores {
  readonly questdb: QuestDb;
  readonly redis: ReturnType<typeof connectRedis>;
  readonly latest: LatestValues;
  readonly points: PointQuery;
  readonly statisticResults: StatisticResultQuery;
  readonly trends: TrendQuery;
  readonly series: SeriesQuery;
  readonly pages: PointPages;
  /** Each resolves when its store answers. */
  readonly probes: Readonly<Record<'QuestDB' | 'Redis', (signal: AbortSignal) => Promise<unknown>>>;
  /** How many rows of a message the table shows. Throws `store_unavailable`. */
  readonly countStoredRows: (table: string, list: DataRowList, signal: AbortSignal) => Promise<number>;
  readonly #closeAll: () => void;

  /** Connects when it is asked for something. `onRedisError` hears of lost connections; commands tell by themselves. */
  constructor(questdbUrl: string, redisUrl: string, onRedisError: (error: Error) => void) {
    const redis = connectRedis(redisUrl, onRedisError);
    const questdb = new QuestDb(questdbUrl);
    this.questdb = questdb;
    this.redis = redis;
    this.latest = new LatestValues(redis);
    this.points = new PointQuery(questdb);
    this.statisticResults = new StatisticResultQuery(questdb);
    this.trends = new TrendQuery(questdb);
    this.series = new SeriesQuery(questdb);
    this.pages = new PointPages(questdb);
    this.probes = {
      QuestDB: (signal) => questdb.query('SELECT 1', signal),
      Redis: () => redis.ping(),
    };
    this.countStoredRows = (table, list, signal) => countStoredRows(questdb, table, list, signal);
    this.#closeAll = () => {
      redis.disconnect();
      questdb.close();
    };
  }

  close(): void {
    this.#closeAll();
  }
}
