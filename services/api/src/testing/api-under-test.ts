/** The api on the common stack with two tenants of its own: one with three devices and some points, one with nothing. */
import { randomBytes, randomUUID } from 'node:crypto';
import { generateKey, keyIdOf } from '@millrace/auth';
import type { LogLevel } from '@millrace/observe';
import { Database, ResourceRows } from '@millrace/control';
import { startService, type StartedService } from '@millrace/platform';
import { testAddresses } from '@millrace/testkit';
import {
  connectRedis,
  ensureTable,
  LatestValues,
  type Point,
  pointKinds,
  pointsTable,
  QuestDb,
} from '@millrace/timeseries';
import { expect, vi } from 'vitest';
import { apiDefinition } from '../api-definition.ts';
import { ClientManagerDouble } from './client-manager-double.ts';
import { statisticOf, storeResults } from './stored-results.ts';

/** Each a microsecond after the other, of the signals `t` and `it's` of `d1`; the latest of `t` in Redis is 21.5. */
const pointsOfSignal = 3;
const timeMicros = Date.UTC(2026, 2, 1, 12) * 1000;
const latest: Point = { timeMicros, seq: 0, value: 21.5, quality: 0, receivedAtMicros: timeMicros + 1 };

export interface PointToStore {
  readonly timeMicros: number;
  readonly device: string;
  readonly signal: string;
  readonly value: number | string;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export class ApiUnderTest {
  readonly tenant = `t_${randomUUID().slice(0, 8)}`;
  readonly other = `${this.tenant}o`;
  readonly instance = `test-${this.tenant}`;
  readonly key = generateKey();
  readonly otherKey = generateKey();
  /** For services beside it. */
  readonly secretKey = randomBytes(32).toString('hex');
  /** With all scopes, of the platform. */
  readonly adminKey = generateKey();
  readonly clientManager = new ClientManagerDouble(this.secretKey);
  readonly #questdb = new QuestDb(testAddresses.questdb);
  readonly #redis = connectRedis(testAddresses.redis);
  readonly #table = `points_t_${this.tenant}`;
  #service: StartedService | undefined;
  readonly #scopes: readonly string[];
  readonly #logLevel: LogLevel;

  /** Scopes of `key`; the least that is logged. */
  constructor(scopes: readonly string[] = ['read'], logLevel: LogLevel = 'error') {
    this.#scopes = scopes;
    this.#logLevel = logLevel;
  }

  get url(): string {
    return this.#service?.url ?? '';
  }

  get(path: string, key: string = this.key): Promise<Response> {
    return fetch(this.url + path, { headers: { authorization: `Bearer ${key}` } });
  }

  /** With a JSON body. */
  send(method: string, path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  post(path: string, body: object, key: string = this.key): Promise<Response> {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    return fetch(this.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  async start(): Promise<void> {
    await this.#storePoints();
    await this.clientManager.start();
    this.#service = await startService(
      // All suites share one database and one Kafka: none of them removes what another has published by itself.
      apiDefinition(() => false),
      {
        variables: {
          MILLRACE_KAFKA_BROKERS: testAddresses.kafka,
          MILLRACE_REGISTRY_URL: testAddresses.registry,
          MILLRACE_QUESTDB_URL: testAddresses.questdb,
          MILLRACE_REDIS_URL: testAddresses.redis,
          MILLRACE_POSTGRES_URL: testAddresses.postgres,
          MILLRACE_ADMIN_KEY: this.adminKey,
          MILLRACE_HTTP_PORT: '0',
          MILLRACE_INSTANCE: this.instance,
          MILLRACE_SECRET_KEY: this.secretKey,
          MILLRACE_CLIENT_MANAGER_URLS: this.clientManager.url,
          MILLRACE_LOG_LEVEL: this.#logLevel,
        },
        onCrash: (error) => expect.unreachable(String(error)),
        signal: AbortSignal.timeout(50_000),
      },
    );
    await this.#opens(this.adminKey);
    await this.applyDevices(['d1', 'd2', 'd3']);
    await Promise.all([this.#opens(this.key), this.#opens(this.otherKey)]);
  }

  /** The tenant's whole configuration, with these devices. */
  async applyDevices(uids: readonly string[]): Promise<void> {
    const { tenant, other, key, otherKey } = this;
    const keys = [key, otherKey].map((one, index) => ({
      tenant: index === 0 ? tenant : other,
      keyId: keyIdOf(one),
      key: one,
    }));
    await this.apply({
      tenants: [tenant, other].map((name) => ({ tenant: name, name, ownTable: true })),
      products: [{ tenant, productId: 'pump', name: 'Pump' }],
      devices: uids.map((deviceUid) => ({ tenant, deviceUid, productId: 'pump' })),
      apiKeys: keys.map((one) => ({ ...one, scopes: one.tenant === tenant ? this.#scopes : ['read'] })),
      statistics: [statisticOf(tenant)],
    });
  }

  /** Puts a change into the outbox that its topic cannot hold, as a mistake of ours would. */
  async spoil(deviceUid: string): Promise<void> {
    const database = new Database(testAddresses.postgres, () => undefined);
    await database.ofTenant(this.tenant, async (transaction) => {
      const rows = new ResourceRows(transaction, this.tenant);
      const before = (await rows.lock('devices', deviceUid))!;
      await rows.write('devices', [{ id: deviceUid, body: { ...before.body, attributes: 'none' }, before }]);
    });
    await database.close();
  }

  async close(): Promise<void> {
    if (this.#service) {
      await this.#deleteRegistrationSecrets();
      await this.apply({ tenants: [this.tenant, this.other].map((tenant) => ({ tenant, name: tenant })) });
      await this.#deleteTenants();
      await this.#asAdmin('DELETE', `/v1/api-keys/${keyIdOf(this.adminKey)}`);
      await this.#service.app.close();
      await this.clientManager.close();
    }
    await this.#questdb.query(`DROP TABLE IF EXISTS ${this.#table}`);
    await this.#redis.del(`latest:${this.tenant}/d1`);
    this.#redis.disconnect();
    this.#questdb.close();
  }

  /** Without what the erasure of a tenant takes: nothing but their names is left. */
  async #deleteTenants(): Promise<void> {
    const database = new Database(testAddresses.postgres, () => undefined);
    for (const tenant of [this.tenant, this.other])
      await database.ofTenant(tenant, (transaction) =>
        new ResourceRows(transaction, tenant).delete('tenants', [tenant]),
      );
    await database.close();
  }

  /** Takes the place of everything that the tenants of these files have. */
  apply(files: object): Promise<void> {
    return this.#asAdmin('POST', '/v1/config/apply?prune=true', files);
  }

  /** They hold their products. */
  async #deleteRegistrationSecrets(): Promise<void> {
    const headers = { authorization: `Bearer ${this.adminKey}`, 'millrace-tenant': this.tenant };
    const response = await this.send('GET', '/v1/registration-secrets?limit=1000', undefined, headers);
    const { items } = (await response.json()) as { readonly items: readonly { readonly secretId: string }[] };
    for (const { secretId } of items)
      await this.send('DELETE', `/v1/registration-secrets/${secretId}`, undefined, headers);
  }

  async #asAdmin(method: string, path: string, body?: object): Promise<void> {
    const response = await this.send(method, path, body, { authorization: `Bearer ${this.adminKey}` });
    expect(response.ok, `${method} ${path}: ${response.ok ? '' : await response.text()}`).toBe(true);
  }

  /** A key is known when its record has gone through the topic. */
  async #opens(key: string): Promise<void> {
    await vi.waitFor(async () => expect((await this.get('/v1/access', key)).status).toBe(200), 10_000);
  }

  async #storePoints(): Promise<void> {
    await vi.waitFor(() => expect(this.#redis.status).toBe('ready'), 10_000);
    await ensureTable(this.#questdb, pointsTable(this.#table, 'forever'));
    await this.storePoints(
      ['t', "it's"].flatMap((signal) =>
        Array.from({ length: pointsOfSignal }, (_, n) => ({
          device: 'd1',
          signal,
          timeMicros: timeMicros + n,
          value: n + 0.5,
        })),
      ),
    );
    await storeResults(this.#questdb, this.tenant, timeMicros);
    await new LatestValues(this.#redis).write([{ deviceKey: `${this.tenant}/d1`, points: new Map([['t', latest]]) }]);
  }

  /** Resolves when the table of the tenant shows them; each has to be new. */
  async storePoints(points: readonly PointToStore[]): Promise<void> {
    const count = async (): Promise<number> =>
      Number((await this.#questdb.query(`SELECT count() FROM ${this.#table}`))[0]?.[0]);
    const before = await count();
    const rows = points.map(({ timeMicros: micros, device, signal, value }) => {
      const isText = typeof value === 'string';
      const columns = isText ? `null, ${quoted(value)}, ${pointKinds.text}` : `${value}, null, ${pointKinds.double}`;
      return `(${micros}, '${this.tenant}', '${device}', ${quoted(signal)}, 0, ${columns}, 0, ${timeMicros})`;
    });
    const columns = 'ts, tenant, device, signal, seq, value, text, kind, quality, received';
    await this.#questdb.query(`INSERT INTO ${this.#table} (${columns}) VALUES ${rows.join()}`);
    await vi.waitFor(async () => expect(await count()).toBe(before + points.length), 10_000);
  }
}
