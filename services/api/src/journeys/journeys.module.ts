/** A message that a person sends, followed through the whole platform. */
import type { FollowedConfiguration } from '@millrace/config';
import { RawWriter } from '@millrace/ingest';
import { type Kafka, RecordProducer, type Registry } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { Accounting, type Log, Metrics } from '@millrace/observe';
import { CONFIGURATION, KAFKA, LOG, REGISTRY, SERVICE_ENVIRONMENT } from '@millrace/platform';
import { type MessageGate, openMessageGate, type OpenGate } from '@millrace/quotas';
import { type BeforeApplicationShutdown, Inject, Module } from '@nestjs/common';
import type { ApiEnvironment } from '../environment.ts';
import { Stores } from '../stores.ts';
import { createHandWriter } from './hand-writer.ts';
import { journeyCodecs } from './journey-records.ts';
import { JourneysController } from './journeys.controller.ts';
import { Journeys } from './journeys.ts';

/** Who may send by hand, with what keeps it up to date. */
const GATE = Symbol('message gate');

/** A start that cannot read what was used of the quotas is repeated by whoever supervises the process. */
const startMsMax = 60_000;

@Module({
  controllers: [JourneysController],
  providers: [
    {
      provide: GATE,
      inject: [KAFKA, REGISTRY, RecordProducer, CONFIGURATION, LOG, Metrics],
      useFactory: (
        kafka: Kafka,
        registry: Registry,
        producer: RecordProducer,
        { configuration: tenants }: FollowedConfiguration,
        log: Log,
        metrics: Metrics,
      ) => {
        const parts = { kafka, registry, producer, tenants, log, metrics, clock: systemClock };
        return openMessageGate(parts, AbortSignal.timeout(startMsMax));
      },
    },
    {
      provide: RawWriter,
      inject: [SERVICE_ENVIRONMENT, RecordProducer, REGISTRY, Accounting, GATE],
      useFactory: (
        { MILLRACE_INSTANCE: instance }: ApiEnvironment,
        producer: RecordProducer,
        registry: Registry,
        accounting: Accounting,
        { gate }: OpenGate<MessageGate>,
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
  readonly #gate: OpenGate<MessageGate>;

  constructor(writer: RawWriter, @Inject(GATE) gate: OpenGate<MessageGate>) {
    this.#writer = writer;
    this.#gate = gate;
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#writer.close();
    await this.#gate.close();
  }
}
