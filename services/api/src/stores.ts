/** The doors to what the historian stored. */
import { connectRedis, LatestValues, PointQuery, QuestDb, StatisticResultQuery } from '@millrace/timeseries';

export class Stores {
  readonly latest: LatestValues;
  readonly points: PointQuery;
  readonly statisticResults: StatisticResultQuery;
  readonly #closeAll: () => void;

  /** Connects when it is asked for something. `onRedisError` hears of lost connections; commands tell by themselves. */
  constructor(questdbUrl: string, redisUrl: string, onRedisError: (error: Error) => void) {
    const redis = connectRedis(redisUrl, onRedisError);
    const questdb = new QuestDb(questdbUrl);
    this.latest = new LatestValues(redis);
    this.points = new PointQuery(questdb);
    this.statisticResults = new StatisticResultQuery(questdb);
    this.#closeAll = () => {
      redis.disconnect();
      questdb.close();
    };
  }

  close(): void {
    this.#closeAll();
  }
}
