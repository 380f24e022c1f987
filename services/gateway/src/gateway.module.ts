/** Wires the gateway: configuration and credentials to the protocols, the protocols to the stream. */
import { CredentialHasher, SecretKey } from '@millrace/auth';
import type { FollowedConfiguration } from '@millrace/config';
import { httpGateway, tcpGateway } from '@millrace/gateways';
import { type Kafka, RecordProducer, type Registry } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { Accounting, emitterOf, type Log, Metrics } from '@millrace/observe';
import { CONFIGURATION, KAFKA, LOG, REGISTRY, SERVICE_ENVIRONMENT } from '@millrace/platform';
import { type MessageGate, openMessageGate, type OpenGate } from '@millrace/quotas';
import { type BeforeApplicationShutdown, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { ConfiguredAuthenticator } from './configured-authenticator.ts';
import type { GatewayEnvironment } from './environment.ts';
import { gatewayEvents } from './gateway-events.ts';
import { GatewayHost } from './gateway-host.ts';

/** Reading what others take is a moment; a start that cannot is repeated by whoever supervises the process. */
const gateMsMax = 60_000;

const GATE = Symbol('message gate');

@Module({
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
        return openMessageGate(parts, AbortSignal.timeout(gateMsMax));
      },
    },
    {
      provide: GatewayHost,
      inject: [SERVICE_ENVIRONMENT, CONFIGURATION, GATE, RecordProducer, REGISTRY, Accounting, LOG, Metrics],
      useFactory: (
        environment: GatewayEnvironment,
        { configuration }: FollowedConfiguration,
        { gate: admission }: OpenGate<MessageGate>,
        producer: RecordProducer,
        registry: Registry,
        accounting: Accounting,
        log: Log,
        metrics: Metrics,
      ) => {
        const hasher = new CredentialHasher(SecretKey.fromEnvironment(environment.MILLRACE_SECRET_KEY));
        return new GatewayHost({
          instance: environment.MILLRACE_INSTANCE,
          authenticator: new ConfiguredAuthenticator(configuration, hasher, systemClock),
          admission,
          producer,
          registry,
          accounting,
          events: emitterOf(gatewayEvents, log, metrics),
        });
      },
    },
  ],
})
export class GatewayModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #environment: GatewayEnvironment;
  readonly #gate: OpenGate<MessageGate>;
  readonly #host: GatewayHost;

  constructor(
    @Inject(SERVICE_ENVIRONMENT) environment: GatewayEnvironment,
    @Inject(GATE) gate: OpenGate<MessageGate>,
    host: GatewayHost,
  ) {
    this.#environment = environment;
    this.#gate = gate;
    this.#host = host;
  }

  async onApplicationBootstrap(): Promise<void> {
    const environment = this.#environment;
    const { MILLRACE_GATEWAY_HTTP_HOST: host, MILLRACE_GATEWAY_HTTP_PORT: port } = environment;
    await this.#host.start(httpGateway, httpGateway.settings.parse({ host, port }));
    const { MILLRACE_GATEWAY_TCP_HOST: tcpHost, MILLRACE_GATEWAY_TCP_PORT: tcpPort } = environment;
    if (tcpPort === undefined) return;
    await this.#host.start(tcpGateway, tcpGateway.settings.parse({ host: tcpHost, port: tcpPort }));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#host.stop();
    await this.#gate.close();
  }
}
