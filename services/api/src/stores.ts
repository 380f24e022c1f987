/** The doors to what the historian stored. */
import { connectRedis, LatestValues, PointQuery, QuestDb } from '@millrace/timeseries';

export class Stores {
  readonly latest: LatestValues;
  readonly points: PointQuery;
  readonly #closeAll: () => void;

  /** Connects when it is asked for something. `onRedisError` hears of lost connections; commands tell by themselves. */
  constructor(questdbUrl: string, redisUrl: string, onRedisError: (error: Error) => void) {
    const redis = connectRedis(redisUrl, onRedisError);
    const questdb = new QuestDb(questdbUrl);
    this.latest = new LatestValues(redis);
    this.points = new PointQuery(questdb);
    this.#closeAll = () => {
      redis.disconnect();
      questdb.close();
    };
  }

  close(): void {
    this.#closeAll();
  }
}
