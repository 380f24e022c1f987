/** What the instances remember together, in Redis; an instance alone needs none. */
import { systemClock } from '@millrace/kernel';
import type { Emitter } from '@millrace/observe';
import { SERVICE_ENVIRONMENT } from '@millrace/platform';
import { connectRedis } from '@millrace/timeseries';
import type { OnApplicationShutdown, Provider } from '@nestjs/common';
import { type clientManagerEvents, EVENTS } from '../client-manager-events.ts';
import type { ClientManagerEnvironment } from '../environment.ts';
import { CreationMemory, Creations } from './creations.ts';
import { LocalTurns, RedisTurns, WriteTurns } from './write-turns.ts';

class SharedMemory implements OnApplicationShutdown {
  readonly redis: ReturnType<typeof connectRedis> | undefined;

  constructor(url: string | undefined, onError: (error: Error) => void) {
    this.redis = url === undefined ? undefined : connectRedis(url, onError);
  }

  onApplicationShutdown(): void {
    this.redis?.disconnect();
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
    useFactory: ({ redis }: SharedMemory) => (redis ? new RedisTurns(redis, systemClock) : new LocalTurns()),
  },
  {
    provide: Creations,
    inject: [SharedMemory],
    useFactory: ({ redis }: SharedMemory) => new Creations(redis ?? new CreationMemory()),
  },
];
