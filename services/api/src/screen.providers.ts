/** What the screen's questions are answered from, beside the stores and the configuration. */
import type { FollowedConfiguration } from '@millrace/config';
import { RawWriter } from '@millrace/ingest';
import {
  type Kafka,
  offsetsBehind,
  RecordProducer,
  readTables,
  type Registry,
  type TableReader,
} from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { Accounting, type Log, Metrics } from '@millrace/observe';
import { CONFIGURATION, KAFKA, LOG, REGISTRY, SERVICE_ENVIRONMENT } from '@millrace/platform';
import { type MessageGate, openMessageGate, type OpenGate } from '@millrace/quotas';
import type { Provider } from '@nestjs/common';
import { ActiveAlarms } from './active-alarms.ts';
import type { ApiEnvironment } from './environment.ts';
import { FlowWatch } from './flow-watch.ts';
import { createHandWriter } from './hand-writer.ts';
import { journeyCodecs } from './journey-records.ts';
import { Journeys } from './journeys.ts';
import { Stores } from './stores.ts';

/** Reading the checkpoints takes a second, and so does what else is followed; a start that cannot is repeated by whoever supervises the process. */
const startMsMax = 60_000;

/** Who may send by hand, with what keeps it up to date. */
export const GATE = Symbol('message gate');

/** The active alarms with what keeps them up to date. */
export class FollowedAlarms {
  readonly active: ActiveAlarms;
  readonly reader: TableReader;

  constructor(active: ActiveAlarms, reader: TableReader) {
    this.active = active;
    this.reader = reader;
  }
}

export const screenProviders: Provider[] = [
  {
    provide: FollowedAlarms,
    inject: [KAFKA, REGISTRY, CONFIGURATION],
    useFactory: async (kafka: Kafka, registry: Registry, { configuration }: FollowedConfiguration) => {
      const active = new ActiveAlarms(configuration);
      return new FollowedAlarms(active, await readTables(kafka, registry, [active], AbortSignal.timeout(startMsMax)));
    },
  },
  { provide: ActiveAlarms, inject: [FollowedAlarms], useFactory: ({ active }: FollowedAlarms) => active },
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
  {
    provide: FlowWatch,
    inject: [SERVICE_ENVIRONMENT, KAFKA, Stores],
    useFactory: ({ MILLRACE_ACCOUNTING_URLS: addresses }: ApiEnvironment, kafka: Kafka, { probes }: Stores) =>
      new FlowWatch({ addresses, behind: (groups) => offsetsBehind(kafka, groups), probes, clock: systemClock }),
  },
];
