/** What the instances remember together, in Redis. */
import { systemClock } from '@millrace/kernel';
import type { Emitter } from '@millrace/observe';
import { SERVICE_ENVIRONMENT } from '@millrace/platform';
import { connectRedis } from '@millrace/timeseries';
import type { OnApplicationShutdown, Provider } from '@nestjs/common';
import { type clientManagerEvents, EVENTS } from '../client-manager-events.ts';
import type { ClientManagerEnvironment } from '../environment.ts';
import { Creations } from './creations.ts';
import { RedisTurns, WriteTurns } from './write-turns.ts';

class SharedMemory implements OnApplicationShutdown {
  readonly redis: ReturnType<typeof connectRedis>;

  constructor(url: string, onError: (error: Error) => void) {
    this.redis = connectRedis(url, onError);
  }

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }
}

export const sharedMemoryProviders: Provider[] = [
  {
    provide: SharedMemory,
    inject: [SERVICE_ENVIRONMENT, EVENTS],
    useFactory: ({ MILLRACE_REDIS_URL: url }: ClientManagerEnvironment, events: Emitter<typeof clientManagerEvents>) =>
      new SharedMemory(url, (error) => events.redisFailed({ error })),
  },
  {
    provide: WriteTurns,
    inject: [SharedMemory],
    useFactory: ({ redis }: SharedMemory) => new RedisTurns(redis, systemClock),
  },
  {
    provide: Creations,
    inject: [SharedMemory],
    useFactory: ({ redis }: SharedMemory) => new Creations(redis),
  },
];
