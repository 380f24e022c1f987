/** Gateways on the common stack, the configuration of a tenant of their own, and what of it reaches the raw topic. */
import { randomBytes, randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { CredentialHasher, SecretKey } from '@millrace/auth';
import { entityNames, followConfiguration, publishConfiguration, type Publisher } from '@millrace/config';
import { type RawBatch, type RawMessage, topics } from '@millrace/contracts';
import { BatchConsumer, connectRegistry, createKafka, RecordProducer } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import type { HopReport, AccountingReport } from '@millrace/observe';
import { startService, type StartedService } from '@millrace/platform';
import { anyDevice, testAddresses } from '@millrace/testkit';
import { expect, vi } from 'vitest';
import { gatewayDefinition } from '../gateway-definition.ts';
import { GatewayHost } from '../gateway-host.ts';

export type Files = Parameters<typeof publishConfiguration>[1];

const nothing = Object.fromEntries(entityNames.map((entity) => [entity, []])) as unknown as Files;
const entities = ['tenants', 'devices', 'apiKeys', 'deviceCredentials'] as const;
const secretKey = randomBytes(32).toString('hex');
const hasher = new CredentialHasher(SecretKey.fromEnvironment(secretKey));

export class GatewayBench {
  readonly tenant = `t_${randomUUID().slice(0, 8)}`;
  readonly key = `${this.tenant}.${randomBytes(24).toString('base64url')}`;
  /** Devices d1 and d2, and a key of the tenant. */
  readonly configuration: Files = {
    ...nothing,
    tenants: [this.tenantWith({})],
    devices: [this.device('d1'), this.device('d2')],
    apiKeys: [
      {
        tenant: this.tenant,
        keyId: this.tenant,
        key: this.key,
        scopes: ['ingest'],
        expiresAt: null,
        previousHash: null,
        previousUntil: null,
      },
    ],
  };
  readonly received: RawMessage[] = [];
  readonly #kafka = createKafka({ brokers: [testAddresses.kafka], clientId: 'millrace-test' });
  readonly #registry = connectRegistry({ url: testAddresses.registry });
  readonly #producer = new RecordProducer(this.#kafka);
  #services: readonly StartedService[] = [];
  #publisher: Publisher | undefined;
  #consumer: BatchConsumer | undefined;

  /** `variables`: beside the usual ones. */
  static async start(instances: number, variables: NodeJS.ProcessEnv = {}): Promise<GatewayBench> {
    const bench = new GatewayBench();
    await bench.#start(instances, variables, AbortSignal.timeout(50_000));
    return bench;
  }

  async close(): Promise<void> {
    await this.#consumer?.stop();
    await this.publish(nothing);
    await this.#publisher?.published.close();
    await Promise.all(this.#services.map(({ app }) => app.close()));
    await this.#producer.close();
  }

  tenantWith({ state = 'active', messagesPerSecond = null }: TenantSettings): Files['tenants'][number] {
    const others = { devices: null, pointsPerSecond: null, scriptCpuMsPerSecond: null, storageDays: null };
    const rest = { name: '', retentionClass: '30d', ownTable: false, state } as const;
    return { tenant: this.tenant, ...rest, quotas: { messagesPerSecond, ...others } };
  }

  device(deviceUid: string): Files['devices'][number] {
    return { ...anyDevice(this.tenant, deviceUid), passwords: [passwordOf(deviceUid)] };
  }

  async publish(files: Partial<Files>): Promise<void> {
    const all = { ...this.configuration, ...files };
    if (this.#publisher) await publishConfiguration(this.#publisher, all, AbortSignal.timeout(10_000));
  }

  /** The credential of a device, as a header. */
  basic(uid: string): string {
    return `Basic ${btoa(`${this.tenant}/${uid}:${passwordOf(uid)}`)}`;
  }

  /** For the password of a device. */
  async token(uid: string): Promise<string> {
    const form = { grant_type: 'password', username: `${this.tenant}/${uid}`, password: passwordOf(uid) };
    const url = `${this.#addresses(0)[0]}/v1/token`;
    const granted = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
    return ((await granted.json()) as { readonly access_token: string }).access_token;
  }

  /** The same for lines over TCP. */
  lineCredential(uid: string): string {
    return `${this.tenant}/${uid}:${passwordOf(uid)}`;
  }

  /** Of the first instance. */
  get addresses(): readonly string[] {
    return this.#addresses(0);
  }

  post(path: string, authorization: string, body: string, instance = 0): Promise<Response> {
    const headers = { authorization, 'content-type': 'application/json' };
    return fetch(this.#addresses(instance)[0] + path, { method: 'POST', headers, body });
  }

  /** Sends lines of a device over TCP and resolves with the answers when all are there. */
  async lines(uid: string, lines: string): Promise<readonly string[]> {
    const { hostname, port } = new URL(this.#addresses(0)[1] ?? '');
    const socket = connect({ host: hostname, port: Number(port) });
    socket.end(`RAW ${this.lineCredential(uid)}\n${lines}`);
    const answers = Buffer.concat((await socket.toArray()) as Buffer[]).toString();
    return answers.trim().split('\n');
  }

  /** Of the first instance. */
  async hop(name: string): Promise<HopReport | undefined> {
    const report = (await (await fetch(`${this.#services[0]?.url}/v1/accounting`)).json()) as AccountingReport;
    return report.hops.find(({ hop }) => hop === name);
  }

  #addresses(instance: number): readonly string[] {
    return this.#services[instance]?.app.get(GatewayHost).addresses ?? [];
  }

  async #start(instances: number, variables: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
    this.#services = await Promise.all(Array.from({ length: instances }, () => startGateway(variables, signal)));
    this.#publisher = {
      entities,
      published: await followConfiguration(this.#kafka, this.#registry, entities, signal),
      producer: this.#producer,
      registry: this.#registry,
      clock: systemClock,
      secrets: { hash: (secret) => hasher.hash(secret), seal: (secret) => Buffer.from(secret) },
      ownsTenant: (name) => name === this.tenant,
    };
    await this.publish({});
    await this.#follow(signal);
    await vi.waitFor(async () => {
      for (let instance = 0; instance < instances; instance += 1)
        expect((await this.post('/v1/messages', this.basic('d1'), 'x', instance)).status).toBe(200);
    }, 10_000);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const codec = await this.#registry.codec<RawBatch>(topics.raw);
    this.#consumer = new BatchConsumer(this.#kafka, {
      groupId: `test.${randomUUID()}`,
      topics: [topics.raw.name],
      handle: async (batch) => {
        await this.#registry.prepare(batch.records);
        for (const { value } of batch.records)
          this.received.push(...codec.decode(value!).messages.filter(({ tenant }) => tenant === this.tenant));
        batch.settle(batch.records.length);
      },
      onCrash: (error) => expect.unreachable(String(error)),
    });
    await this.#consumer.start(signal);
  }
}

export interface TenantSettings {
  readonly state?: Files['tenants'][number]['state'];
  readonly messagesPerSecond?: number | null;
}

function passwordOf(uid: string): string {
  return `password of ${uid}`;
}

function startGateway(variables: NodeJS.ProcessEnv, signal: AbortSignal): Promise<StartedService> {
  return startService(gatewayDefinition, {
    variables: {
      MILLRACE_KAFKA_BROKERS: testAddresses.kafka,
      MILLRACE_REGISTRY_URL: testAddresses.registry,
      MILLRACE_HTTP_PORT: '0',
      MILLRACE_GATEWAY_HTTP_PORT: '0',
      MILLRACE_GATEWAY_TCP_PORT: '0',
      MILLRACE_SECRET_KEY: secretKey,
      MILLRACE_LOG_LEVEL: 'error',
      ...variables,
    },
    onCrash: (error) => expect.unreachable(String(error)),
    signal,
  });
}
