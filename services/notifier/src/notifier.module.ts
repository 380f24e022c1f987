/** Wires the notifier: configuration and ledger are read to their ends before the first event comes in. */
import { KeyedSecrets, SecretKey } from '@millrace/auth';
import { type ChannelFactory, startChannels } from '@millrace/channels';
import { channelSecretsPurpose, type FollowedConfiguration } from '@millrace/config';
import { type AlarmEvent, type ChannelConfig, topics } from '@millrace/contracts';
import { DeadLetterWriter, type Kafka, RecordProducer, type Registry } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { Accounting, emitterOf, exportBreakers, type Log, Metrics } from '@millrace/observe';
import { CONFIGURATION, KAFKA, LOG, REGISTRY, SERVICE_ENVIRONMENT } from '@millrace/platform';
import { refusalOfState } from '@millrace/quotas';
import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { AlarmEventsController } from './alarm-events.controller.ts';
import { Courier } from './courier.ts';
import type { NotifierEnvironment } from './environment.ts';
import { Ledger } from './ledger.ts';
import { LedgerTopic } from './ledger-topic.ts';
import { NotificationWriter } from './notification-writer.ts';
import { notifierEvents } from './notifier-events.ts';
import { notifierMetrics } from './notifier-metrics.ts';
import { Notifier } from './notifier.ts';
import { OpenChannels } from './open-channels.ts';

const CHANNELS = Symbol('channel factories');
const EMIT = Symbol('emitter');

type Emit = ReturnType<typeof newEmitter>;
type Factories = ReadonlyMap<string, ChannelFactory>;

/** The ledger is read in seconds; a start that cannot is repeated by whoever supervises the process. */
const readingMsMax = 60_000;

@Module({
  controllers: [AlarmEventsController],
  providers: [
    { provide: EMIT, useFactory: newEmitter, inject: [LOG, Metrics] },
    { provide: CHANNELS, useFactory: startChannels, inject: [SERVICE_ENVIRONMENT] },
    {
      provide: KeyedSecrets,
      inject: [SERVICE_ENVIRONMENT],
      useFactory: ({ MILLRACE_SECRET_KEY: key }: NotifierEnvironment) =>
        new KeyedSecrets(SecretKey.fromEnvironment(key)),
    },
    { provide: Ledger, useFactory: () => new Ledger() },
    { provide: LedgerTopic, useFactory: newLedgerTopic, inject: [KAFKA, REGISTRY, RecordProducer, Ledger, EMIT] },
    {
      provide: Courier,
      useFactory: newCourier,
      inject: [Ledger, LedgerTopic, CONFIGURATION, CHANNELS, KeyedSecrets, Metrics, EMIT],
    },
    {
      provide: Notifier,
      useFactory: newNotifier,
      inject: [Courier, REGISTRY, CONFIGURATION, DeadLetterWriter, Accounting, EMIT],
    },
  ],
})
export class NotifierModule implements OnApplicationShutdown {
  readonly #ledger: LedgerTopic;
  readonly #channels: Factories;

  constructor(ledger: LedgerTopic, @Inject(CHANNELS) channels: Factories) {
    this.#ledger = ledger;
    this.#channels = channels;
  }

  /** The consumer has stopped by now, so nothing is being sent. */
  async onApplicationShutdown(): Promise<void> {
    for (const factory of this.#channels.values()) factory.close();
    await this.#ledger.close();
  }
}

function newEmitter(log: Log, metrics: Metrics) {
  return emitterOf(notifierEvents, log, metrics);
}

async function newLedgerTopic(
  kafka: Kafka,
  registry: Registry,
  producer: RecordProducer,
  ledger: Ledger,
  emit: Emit,
): Promise<LedgerTopic> {
  const startMs = systemClock.monotonicMs();
  const topic = await LedgerTopic.open({ kafka, registry, producer, ledger }, AbortSignal.timeout(readingMsMax));
  emit.ledgerRead({ unfinished: ledger.unfinished, tookMs: Math.round(systemClock.monotonicMs() - startMs) });
  return topic;
}

function newCourier(
  ledger: Ledger,
  topic: LedgerTopic,
  { configuration }: FollowedConfiguration,
  factories: Factories,
  secrets: KeyedSecrets,
  metrics: Metrics,
  emit: Emit,
): Courier {
  const latency = metrics.histogram(notifierMetrics.latency);
  const delivered = metrics.counter(notifierMetrics.delivered);
  const channels = new OpenChannels(configuration, factories, (config) => secretsIn(config, secrets));
  exportBreakers(metrics, [...factories.keys()], () => channels.guarded());
  return new Courier({
    ledger,
    record: (attempt, signal) => topic.write(attempt, signal),
    channels,
    writer: new NotificationWriter(configuration, ({ tenant, templateId }, places) =>
      emit.placesUnknown({ tenant, templateId, places: places.join() }),
    ),
    emit,
    onDelivered: ({ event }) => {
      delivered.inc();
      latency.observe((systemClock.nowMs() - event.receivedAtMicros / 1_000) / 1_000);
    },
    clock: systemClock,
  });
}

function secretsIn(config: ChannelConfig, secrets: KeyedSecrets): Readonly<Record<string, string>> {
  if (config.secretsSealed === null) return {};
  return JSON.parse(secrets.open(config.secretsSealed, channelSecretsPurpose(config))) as Record<string, string>;
}

async function newNotifier(
  courier: Courier,
  registry: Registry,
  { configuration }: FollowedConfiguration,
  deadLetters: DeadLetterWriter,
  accounting: Accounting,
  emit: Emit,
): Promise<Notifier> {
  return new Notifier({
    codec: await registry.codec<AlarmEvent>(topics.alarmEvents),
    refusalOf: (tenant) => refusalOfState(configuration, tenant),
    ruleOf: (tenant, ruleId) => configuration.alarmRules.get(`${tenant}/${ruleId}`),
    courier,
    deadLetters,
    hop: accounting.hop('notify'),
    emit,
    clock: systemClock,
  });
}
