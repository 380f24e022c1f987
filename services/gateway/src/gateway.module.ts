/** Wires the gateway: configuration and credentials to the protocols, the protocols to the stream. */
import { CredentialHasher, DeviceTokens, SecretKey } from '@millrace/auth';
import { followConfiguration, type FollowedConfiguration } from '@millrace/config';
import { httpGateway, tcpGateway } from '@millrace/gateways';
import { type Kafka, RecordProducer, type Registry } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { Accounting, emitterOf, type Log, Metrics } from '@millrace/observe';
import { KAFKA, LOG, REGISTRY, SERVICE_ENVIRONMENT } from '@millrace/platform';
import { type BeforeApplicationShutdown, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { ConfiguredAuthenticator } from './configured-authenticator.ts';
import { ConfiguredTokenDesk } from './configured-token-desk.ts';
import { CredentialCheck } from './credential-check.ts';
import type { GatewayEnvironment } from './environment.ts';
import { gatewayEvents } from './gateway-events.ts';
import { GatewayHost } from './gateway-host.ts';

/** Reading the configuration takes a second; a start that cannot is repeated by whoever supervises the process. */
const configurationMsMax = 60_000;

const CONFIGURATION = Symbol('followed configuration');

@Module({
  providers: [
    {
      provide: CONFIGURATION,
      inject: [KAFKA, REGISTRY],
      useFactory: (kafka: Kafka, registry: Registry) =>
        followConfiguration(kafka, registry, ['devices', 'apiKeys'], AbortSignal.timeout(configurationMsMax)),
    },
    {
      provide: GatewayHost,
      inject: [SERVICE_ENVIRONMENT, CONFIGURATION, RecordProducer, REGISTRY, Accounting, LOG, Metrics],
      useFactory: (
        environment: GatewayEnvironment,
        { configuration }: FollowedConfiguration,
        producer: RecordProducer,
        registry: Registry,
        accounting: Accounting,
        log: Log,
        metrics: Metrics,
      ) => {
        const key = SecretKey.fromEnvironment(environment.MILLRACE_SECRET_KEY);
        const tokens = new DeviceTokens(key, {
          accessSeconds: environment.MILLRACE_GATEWAY_ACCESS_TOKEN_SECONDS,
          refreshSeconds: environment.MILLRACE_GATEWAY_REFRESH_TOKEN_SECONDS,
        });
        const parts = { configuration, hasher: new CredentialHasher(key), tokens, clock: systemClock };
        const credentials = new CredentialCheck(parts);
        return new GatewayHost({
          instance: environment.MILLRACE_INSTANCE,
          authenticator: new ConfiguredAuthenticator(configuration, credentials, systemClock),
          tokens: new ConfiguredTokenDesk(credentials, parts),
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
  readonly #followed: FollowedConfiguration;
  readonly #host: GatewayHost;

  constructor(
    @Inject(SERVICE_ENVIRONMENT) environment: GatewayEnvironment,
    @Inject(CONFIGURATION) followed: FollowedConfiguration,
    host: GatewayHost,
  ) {
    this.#environment = environment;
    this.#followed = followed;
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
    await this.#followed.close();
  }
}
