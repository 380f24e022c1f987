/** Wires the gateway: configuration and credentials to the protocols, the protocols to the stream. */
import { CredentialHasher, DeviceTokens, ExternalTokens, SecretKey } from '@millrace/auth';
import type { Configuration, FollowedConfiguration } from '@millrace/config';
import { httpGateway, httpsGateway, tcpGateway, tcpsGateway } from '@millrace/gateways';
import { RecordProducer, type Registry } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { Accounting, type Emitter, emitterOf, type Log, Metrics } from '@millrace/observe';
import { GuardedCalls } from '@millrace/outbound';
import { CONFIGURATION, LOG, messageGateProviders, REGISTRY, SERVICE_ENVIRONMENT } from '@millrace/platform';
import { MessageGate } from '@millrace/quotas';
import { type BeforeApplicationShutdown, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { ConfiguredAuthenticator } from './configured-authenticator.ts';
import { ConfiguredTokenDesk } from './configured-token-desk.ts';
import { CredentialCheck, type CredentialParts } from './credential-check.ts';
import type { GatewayEnvironment } from './environment.ts';
import { gatewayEvents } from './gateway-events.ts';
import { GatewayHost } from './gateway-host.ts';
import { tlsFiles } from './tls-files.ts';

/** Keys are fetched every ten minutes from each issuer; devices wait for them the first time. */
const issuerCalls = { connectionsMax: 2, callMsMax: 4_000 };

@Module({
  providers: [
    ...messageGateProviders,
    {
      provide: GuardedCalls,
      inject: [SERVICE_ENVIRONMENT],
      useFactory: ({ MILLRACE_OUTBOUND_ALLOWED: allowed }: GatewayEnvironment) =>
        new GuardedCalls(allowed, issuerCalls, 'issuer_unavailable'),
    },
    {
      provide: GatewayHost,
      inject: [
        SERVICE_ENVIRONMENT,
        CONFIGURATION,
        MessageGate,
        GuardedCalls,
        RecordProducer,
        REGISTRY,
        Accounting,
        LOG,
        Metrics,
      ],
      useFactory: (
        environment: GatewayEnvironment,
        { configuration }: FollowedConfiguration,
        admission: MessageGate,
        outbound: GuardedCalls,
        producer: RecordProducer,
        registry: Registry,
        accounting: Accounting,
        log: Log,
        metrics: Metrics,
      ) => {
        const events = emitterOf(gatewayEvents, log, metrics);
        const parts = credentialParts(environment, configuration, outbound, events);
        const credentials = new CredentialCheck(parts);
        return new GatewayHost({
          instance: environment.MILLRACE_INSTANCE,
          authenticator: new ConfiguredAuthenticator(configuration, credentials, systemClock),
          tokens: new ConfiguredTokenDesk(credentials, parts),
          admission,
          producer,
          registry,
          accounting,
          events,
        });
      },
    },
  ],
})
export class GatewayModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #environment: GatewayEnvironment;
  readonly #host: GatewayHost;
  readonly #outbound: GuardedCalls;

  constructor(@Inject(SERVICE_ENVIRONMENT) environment: GatewayEnvironment, host: GatewayHost, outbound: GuardedCalls) {
    this.#environment = environment;
    this.#host = host;
    this.#outbound = outbound;
  }

  async onApplicationBootstrap(): Promise<void> {
    const environment = this.#environment;
    const { MILLRACE_GATEWAY_HTTP_HOST: host, MILLRACE_GATEWAY_TCP_HOST: tcpHost } = environment;
    const { MILLRACE_GATEWAY_HTTP_PORT: port, MILLRACE_GATEWAY_TCP_PORT: tcpPort } = environment;
    const { MILLRACE_GATEWAY_HTTPS_PORT: httpsPort, MILLRACE_GATEWAY_TCPS_PORT: tcpsPort } = environment;
    await this.#host.start(httpGateway, httpGateway.settings.parse({ host, port }));
    if (tcpPort !== undefined)
      await this.#host.start(tcpGateway, tcpGateway.settings.parse({ host: tcpHost, port: tcpPort }));
    const tls = tlsFiles(environment);
    if (httpsPort !== undefined)
      await this.#host.start(httpsGateway, httpsGateway.settings.parse({ host, port: httpsPort, tls }));
    if (tcpsPort !== undefined)
      await this.#host.start(tcpsGateway, tcpsGateway.settings.parse({ host: tcpHost, port: tcpsPort, tls }));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#host.stop();
    this.#outbound.close();
  }
}

function credentialParts(
  environment: GatewayEnvironment,
  configuration: Configuration,
  outbound: GuardedCalls,
  events: Emitter<typeof gatewayEvents>,
): CredentialParts {
  const key = SecretKey.fromEnvironment(environment.MILLRACE_SECRET_KEY);
  const lifetimes = {
    accessSeconds: environment.MILLRACE_GATEWAY_ACCESS_TOKEN_SECONDS,
    refreshSeconds: environment.MILLRACE_GATEWAY_REFRESH_TOKEN_SECONDS,
  };
  const externalTokens = new ExternalTokens({
    issuersOf: (issuer) => configuration.credentials.issuersOf(issuer),
    get: (url, signal) => outbound.get(url, signal),
    failed: ({ tenant, issuer }, error) => events.issuerUnavailable({ tenant, issuer, error }),
    nowMs: () => systemClock.nowMs(),
  });
  const tokens = new DeviceTokens(key, lifetimes);
  return { configuration, hasher: new CredentialHasher(key), tokens, externalTokens, clock: systemClock };
}
