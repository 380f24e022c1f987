/** Control sides of several instances in one process, on the common stack, with a cluster in memory and no connections behind them. */
import { randomBytes, randomUUID } from 'node:crypto';
import { generateKey, keyIdOf, KeyedSecrets, SecretKey } from '@millrace/auth';
import { entityKinds, entityNames, followConfiguration, publishConfiguration, type Publisher } from '@millrace/config';
import { topics } from '@millrace/contracts';
import { connectRegistry, createKafka, RecordProducer } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { emitterOf, type Log, Metrics } from '@millrace/observe';
import { LOG, startService, type StartedService } from '@millrace/platform';
import { acceptJson } from '@millrace/platform/rest';
import { anyDevice, testAddresses } from '@millrace/testkit';
import { Global, Module, type Type } from '@nestjs/common';
import { expect, vi } from 'vitest';
import { clientManagerEvents, EVENTS } from '../../client-manager-events.ts';
import { clientManagerVariables } from '../../environment.ts';
import type { ConnectionReport } from '../../managed-connection.ts';
import { Cluster } from '../cluster.ts';
import { ConnectionStore } from '../connection-store.ts';
import type { InstanceReport } from '../connection-reports.ts';
import { controlControllers, controlProviders } from '../control.providers.ts';
import { OWN_REPORT } from '../control-tokens.ts';
import { sharedMemoryProviders } from '../shared-memory.providers.ts';
import { MemoryClusters } from './memory-cluster.ts';

export const instances = ['m1', 'm2', 'm3'] as const;

export type Answer = Readonly<Record<string, unknown>>;

export async function json(response: Promise<Response>): Promise<Answer> {
  return (await (await response).json()) as Answer;
}

type Files = Parameters<typeof publishConfiguration>[1];

const kafka = createKafka({ brokers: [testAddresses.kafka], clientId: 'millrace-test' });
const registry = connectRegistry({ url: testAddresses.registry });
const nothing = Object.fromEntries(entityNames.map((entity) => [entity, []])) as unknown as Files;

export class ControlPlanes {
  readonly tenant = `t_${randomUUID().slice(0, 8)}`;
  readonly other = `${this.tenant}o`;
  readonly secretKey = randomBytes(32).toString('hex');
  /** With read and write, in the tenant. */
  readonly key = generateKey();
  readonly readingKey = generateKey();
  readonly otherKey = generateKey();
  readonly platformKey = generateKey();
  readonly clusters = new MemoryClusters();
  /** What instances say of their connections, by instance. */
  readonly reports = new Map<string, ConnectionReport[]>();
  readonly #services = new Map<string, StartedService>();
  readonly #producer = new RecordProducer(kafka);
  #publisher: Publisher | undefined;

  /** Of the configuration that the test itself follows. */
  get published(): Publisher['published'] {
    return this.#publisher!.published;
  }

  urlOf(instance: string): string {
    return this.#services.get(instance)!.url;
  }

  async start(): Promise<void> {
    const signal = AbortSignal.timeout(50_000);
    for (const instance of instances) await this.#startOne(instance, signal);
    const secrets = new KeyedSecrets(SecretKey.fromEnvironment(this.secretKey));
    const published = await followConfiguration(
      kafka,
      registry,
      ['tenants', 'devices', 'apiKeys', 'connections'],
      signal,
    );
    const ownsTenant = (name: string): boolean => name === this.tenant || name === this.other;
    const entities = ['tenants', 'devices', 'apiKeys'] as const;
    const producer = this.#producer;
    this.#publisher = { entities, published, producer, registry, secrets, clock: systemClock, ownsTenant };
    await publishConfiguration(this.#publisher, this.#files(), signal);
    for (const instance of instances)
      await vi.waitFor(
        async () => expect((await this.ask(instance, 'GET', '/v1/connections')).status).toBe(200),
        10_000,
      );
  }

  ask(
    instance: string,
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    return fetch(this.urlOf(instance) + path, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  /** As a configuration folder with these connections would, and resolves when all instances have read it. */
  async publishFolder(connections: readonly object[]): Promise<void> {
    const publisher = { ...this.#publisher!, entities: ['connections' as const] };
    const files = connections.map((one) => entityKinds.connections.file.parse(one)) as Files['connections'];
    await publishConfiguration(publisher, { ...nothing, connections: files }, AbortSignal.timeout(10_000));
    const { name: topic } = topics.configConnections;
    const end = publisher.published.offsets().get(topic)!;
    await Promise.all(
      [...this.#services.values()].map(({ app }) => app.get(ConnectionStore).reached(end, AbortSignal.timeout(10_000))),
    );
  }

  async close(): Promise<void> {
    const signal = AbortSignal.timeout(20_000);
    await Promise.all([...this.#services.values()].map(({ app }) => app.close()));
    const publisher = this.#publisher;
    if (publisher) {
      const { connections } = publisher.published.configuration;
      const gone = [...connections].filter(([, { tenant }]) => publisher.ownsTenant(tenant)).map(([key]) => key);
      const { name: topic } = topics.configConnections;
      await this.#producer.send(
        gone.map((key) => ({ topic, partition: 0, key, value: null })),
        signal,
      );
      await publishConfiguration(publisher, nothing, signal);
      await publisher.published.close();
    }
    await this.#producer.close();
  }

  #files(): Files {
    const { tenant, other } = this;
    const key = (owner: string, one: string, scopes: readonly string[]) => ({
      tenant: owner,
      keyId: keyIdOf(one)!,
      key: one,
      scopes,
      expiresAt: null,
      previousHash: null,
      previousUntil: null,
    });
    const tenants = [tenant, other].map((name) => ({
      tenant: name,
      name,
      retentionClass: '90d',
      ownTable: false,
      state: 'active',
      quotas: null,
    }));
    return {
      ...nothing,
      tenants,
      devices: [{ ...anyDevice(tenant, 'd1'), passwords: [] }],
      apiKeys: [
        key(tenant, this.key, ['read', 'write']),
        key(tenant, this.readingKey, ['read']),
        key(other, this.otherKey, ['read', 'write']),
        key(other, this.platformKey, ['read', 'write', 'platform']),
      ],
    } as unknown as Files;
  }

  async #startOne(instance: string, signal: AbortSignal): Promise<void> {
    const module = controlModule(
      this.clusters.seenBy(instance),
      (keys) => ({
        instance,
        version: '0.0.0',
        ceilings: [],
        connections: (this.reports.get(instance) ?? []).filter((one) => keys.has(`${one.tenant}/${one.connectionId}`)),
      }),
      this.secretKey,
    );
    const service = await startService(
      {
        name: 'client-manager',
        module,
        environment: clientManagerVariables,
        topics: [],
        configuration: ['tenants', 'devices', 'apiKeys', 'connections'],
        configure: (app) => acceptJson(app),
      },
      {
        variables: {
          MILLRACE_KAFKA_BROKERS: testAddresses.kafka,
          MILLRACE_REGISTRY_URL: testAddresses.registry,
          MILLRACE_REDIS_URL: testAddresses.redis,
          MILLRACE_HTTP_PORT: '0',
          MILLRACE_INSTANCE: instance,
          MILLRACE_SECRET_KEY: this.secretKey,
          MILLRACE_LOG_LEVEL: 'error',
        },
        onCrash: (error) => expect.unreachable(String(error)),
        signal,
      },
    );
    this.#services.set(instance, service);
    this.clusters.join(instance, service.url);
  }
}

function controlModule(
  cluster: Cluster,
  ownReport: (keys: ReadonlySet<string>) => InstanceReport,
  secretKey: string,
): Type {
  class ControlModule {}
  Global()(ControlModule);
  Module({
    controllers: controlControllers,
    providers: [
      ...controlProviders,
      ...sharedMemoryProviders,
      { provide: Cluster, useValue: cluster },
      { provide: OWN_REPORT, useValue: ownReport },
      { provide: SecretKey, useValue: SecretKey.fromEnvironment(secretKey) },
      { provide: KeyedSecrets, inject: [SecretKey], useFactory: (key: SecretKey) => new KeyedSecrets(key) },
      {
        provide: EVENTS,
        inject: [LOG, Metrics],
        useFactory: (log: Log, metrics: Metrics) => emitterOf(clientManagerEvents, log, metrics),
      },
    ],
  })(ControlModule);
  return ControlModule;
}
