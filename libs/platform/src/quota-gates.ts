/** The gates of the tenants' quotas, for the module that asks them: open when they are injected, closed with the service. */
import type { FollowedConfiguration } from '@millrace/config';
import { type Kafka, RecordProducer, type Registry } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { type Log, Metrics } from '@millrace/observe';
import {
  CpuGate,
  type GateParts,
  MessageGate,
  type OpenGate,
  openCpuGate,
  openMessageGate,
  openPointsGate,
  PointsGate,
  QuotaWatch,
} from '@millrace/quotas';
import type { OnApplicationShutdown, Provider, Type } from '@nestjs/common';
import { CONFIGURATION, KAFKA, LOG, REGISTRY } from './tokens.ts';

/** Reading what others take is a moment; a start that cannot is repeated by whoever supervises the process. */
const openMsMax = 60_000;

/** Of the gates of a module there may be several, and of this one. */
const watchProvider: Provider = {
  provide: QuotaWatch,
  inject: [LOG, Metrics],
  useFactory: (log: Log, metrics: Metrics) => new QuotaWatch(log, metrics, systemClock),
};

/** Injected as `MessageGate`. The service follows `tenants`, and has `quotaUsage` among its topics. */
export const messageGateProviders: Provider[] = gateProviders(MessageGate, openMessageGate);

/** Injected as `PointsGate`; as `messageGateProviders` otherwise. */
export const pointsGateProviders: Provider[] = gateProviders(PointsGate, openPointsGate);

/** Injected as `CpuGate`; as `messageGateProviders` otherwise. */
export const cpuGateProviders: Provider[] = gateProviders(CpuGate, openCpuGate);

/** `token`: the class of the gate, as others inject it. */
export function gateProviders<G>(
  token: Type<G>,
  open: (parts: GateParts, signal: AbortSignal) => Promise<OpenGate<G>>,
): Provider[] {
  const opened = Symbol(`${token.name} with what keeps it up to date`);
  return [
    watchProvider,
    {
      provide: opened,
      inject: [KAFKA, REGISTRY, RecordProducer, CONFIGURATION, QuotaWatch],
      useFactory: async (
        kafka: Kafka,
        registry: Registry,
        producer: RecordProducer,
        { configuration: tenants }: FollowedConfiguration,
        watch: QuotaWatch,
      ): Promise<OpenGate<G> & OnApplicationShutdown> => {
        const parts = { kafka, registry, producer, tenants, watch, clock: systemClock };
        const ready = await open(parts, AbortSignal.timeout(openMsMax));
        // Nobody asks any more: consumers and HTTP have stopped, and what a module runs by itself ends before the shutdown.
        return { ...ready, onApplicationShutdown: () => ready.close() };
      },
    },
    { provide: token, inject: [opened], useFactory: ({ gate }: OpenGate<G>) => gate },
  ];
}
