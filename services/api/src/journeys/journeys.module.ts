/** A message that a person sends, followed through the whole platform. */
import type { FollowedConfiguration } from '@millrace/config';
import { RawWriter } from '@millrace/ingest';
import { type Kafka, RecordProducer, type Registry } from '@millrace/kafka';
import { Accounting } from '@millrace/observe';
import { CONFIGURATION, KAFKA, messageGateProviders, REGISTRY, SERVICE_ENVIRONMENT } from '@millrace/platform';
import { MessageGate } from '@millrace/quotas';
import { type BeforeApplicationShutdown, Module } from '@nestjs/common';
import type { ApiEnvironment } from '../environment.ts';
import { Stores } from '../stores.ts';
import { createHandWriter } from './hand-writer.ts';
import { journeyCodecs } from './journey-records.ts';
import { JourneysController } from './journeys.controller.ts';
import { Journeys } from './journeys.ts';

@Module({
  controllers: [JourneysController],
  providers: [
    ...messageGateProviders,
    {
      provide: RawWriter,
      inject: [SERVICE_ENVIRONMENT, RecordProducer, REGISTRY, Accounting, MessageGate],
      useFactory: (
        { MILLRACE_INSTANCE: instance }: ApiEnvironment,
        producer: RecordProducer,
        registry: Registry,
        accounting: Accounting,
        gate: MessageGate,
      ) => createHandWriter(instance, producer, registry, accounting, gate),
    },
    {
      provide: Journeys,
      inject: [KAFKA, REGISTRY, CONFIGURATION, RawWriter, Stores],
      useFactory: async (
        kafka: Kafka,
        registry: Registry,
        { configuration }: FollowedConfiguration,
        sink: RawWriter,
        { countStoredRows: countStored }: Stores,
      ) => new Journeys({ kafka, registry, configuration, sink, countStored, codecs: await journeyCodecs(registry) }),
    },
  ],
})
export class JourneysModule implements BeforeApplicationShutdown {
  readonly #writer: RawWriter;

  constructor(writer: RawWriter) {
    this.#writer = writer;
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#writer.close();
  }
}
