/** What tells whether a change of the configuration is live. */
import { Propagation, type PublishedOffsets } from '@millrace/config';
import { Outbox } from '@millrace/control';
import { type Kafka, readTables, type Registry } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { Metrics } from '@millrace/observe';
import { KAFKA, REGISTRY } from '@millrace/platform';
import type { Provider } from '@nestjs/common';
import { propagationMetrics } from './propagation-metrics.ts';

/** `PublishedOffsets` of the publisher of the configuration. */
export const PUBLISHED_OFFSETS = Symbol('published offsets');

/** Reading two small topics takes a second; a start that cannot is repeated by whoever supervises the process. */
const readingMsMax = 60_000;

export const propagationProviders: Provider[] = [
  {
    provide: Propagation,
    inject: [KAFKA, REGISTRY, Metrics],
    useFactory: async (kafka: Kafka, registry: Registry, metrics: Metrics) => {
      const limit = AbortSignal.timeout(readingMsMax);
      const propagation = await Propagation.over(systemClock, (tables) => readTables(kafka, registry, tables, limit));
      const measure = (read: () => number) => () => [{ labels: {}, value: read() }];
      metrics.measured(
        propagationMetrics.pending,
        measure(() => propagation.pendingSeconds),
      );
      metrics.measured(
        propagationMetrics.behind,
        measure(() => propagation.instancesBehind),
      );
      return propagation;
    },
  },
  {
    provide: PUBLISHED_OFFSETS,
    inject: [Outbox],
    useFactory: (outbox: Outbox): PublishedOffsets => ({ at: (position) => outbox.offsetsAt(position) }),
  },
];
