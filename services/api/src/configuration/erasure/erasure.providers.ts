/** What erasures are carried out with. */
import { type FollowedConfiguration, Propagation, type PublishedOffsets } from '@millrace/config';
import { Database, ErasedEntities, Erasures } from '@millrace/control';
import { type Kafka, RecordProducer } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { type Emitter, Metrics } from '@millrace/observe';
import { CONFIGURATION, KAFKA } from '@millrace/platform';
import type { Provider } from '@nestjs/common';
import { type apiEvents, EVENTS } from '../../api-events.ts';
import { Stores } from '../../stores.ts';
import { type ResourceDefinition, resourceDefinitions } from '../resources/resource-definitions.ts';
import { PUBLISHED_OFFSETS } from '../propagation/propagation.providers.ts';
import { erasureMetrics } from './erasure-metrics.ts';
import { ErasureSteps } from './erasure-steps.ts';
import { ErasureWorker } from './erasure-worker.ts';

/** What opens something first, then what refers to others before them. */
const erasedDefinitions = resourceDefinitions.filter(({ entity }) => entity !== 'tenants').toReversed();
const opens = ({ write }: ResourceDefinition): boolean => write === 'admin';
const erasedKinds = [
  ...erasedDefinitions.filter(opens),
  ...erasedDefinitions.filter((definition) => !opens(definition)),
].map(({ name }) => name);

export const erasureProviders: Provider[] = [
  {
    provide: Erasures,
    inject: [Database],
    useFactory: (database: Database) => new Erasures(database),
  },
  {
    provide: ErasedEntities,
    inject: [Database],
    useFactory: (database: Database) => new ErasedEntities(database, erasedKinds),
  },
  {
    provide: ErasureSteps,
    inject: [Erasures, ErasedEntities, Propagation, PUBLISHED_OFFSETS, CONFIGURATION, Stores, KAFKA, RecordProducer],
    useFactory: (
      erasures: Erasures,
      entities: ErasedEntities,
      propagation: Propagation,
      offsets: PublishedOffsets,
      { configuration }: FollowedConfiguration,
      stores: Stores,
      kafka: Kafka,
      producer: RecordProducer,
    ) =>
      new ErasureSteps({
        erasures,
        entities,
        propagation,
        offsets,
        configuration,
        stores,
        kafka,
        producer,
        clock: systemClock,
      }),
  },
  {
    provide: ErasureWorker,
    inject: [Database, Erasures, ErasureSteps, EVENTS, Metrics],
    useFactory: (
      database: Database,
      erasures: Erasures,
      steps: ErasureSteps,
      events: Emitter<typeof apiEvents>,
      metrics: Metrics,
    ) => {
      const worker = new ErasureWorker({ database, erasures, steps, events, clock: systemClock });
      metrics.measured(erasureMetrics.pending, () => [{ labels: {}, value: worker.pendingSeconds }]);
      return worker;
    },
  },
];
