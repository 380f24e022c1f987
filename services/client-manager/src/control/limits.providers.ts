/** How much this instance takes. */
import { systemClock } from '@millrace/kernel';
import type { Emitter } from '@millrace/observe';
import { SERVICE_ENVIRONMENT } from '@millrace/platform';
import type { BeforeApplicationShutdown, Provider } from '@nestjs/common';
import { type clientManagerEvents, EVENTS } from '../client-manager-events.ts';
import type { ClientManagerEnvironment } from '../environment.ts';
import { Capacity } from './capacity.ts';
import { Ceilings } from './ceilings.ts';
import { ProcessUsage } from './process-usage.ts';

class MeasuredCapacity extends Capacity implements BeforeApplicationShutdown {
  readonly #usage: ProcessUsage;

  constructor(environment: ClientManagerEnvironment, events: Emitter<typeof clientManagerEvents>) {
    const usage = new ProcessUsage(systemClock);
    super({
      connectionsMax: environment.MILLRACE_CONNECTIONS_MAX,
      ceilings: new Ceilings({
        memoryMb: environment.MILLRACE_MEMORY_MAX_MB,
        cpuPercent: environment.MILLRACE_CPU_MAX_PERCENT,
        bandwidthKbps: environment.MILLRACE_BANDWIDTH_MAX_KBPS,
      }),
      usage,
      clock: systemClock,
      onChange: (reached) => (reached.length > 0 ? events.ceilingReached({ reached }) : events.ceilingsCleared({})),
    });
    this.#usage = usage;
    this.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.stop();
    this.#usage.close();
  }
}

export const limitProviders: Provider[] = [
  {
    provide: Capacity,
    inject: [SERVICE_ENVIRONMENT, EVENTS],
    useFactory: (environment: ClientManagerEnvironment, events: Emitter<typeof clientManagerEvents>) =>
      new MeasuredCapacity(environment, events),
  },
];
