/** The api on the common stack with two tenants of its own: one with three devices and some points, one with nothing. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
const keyOf = (name: string): string => `${name}.${Buffer.from(name).toString('hex')}`;

export class ApiUnderTest {
  readonly tenant = `t_${randomUUID().slice(0, 8)}`;
  readonly other = `${this.tenant}o`;
  readonly key = keyOf(this.tenant);
  readonly otherKey = keyOf(this.other);
  readonly #questdb = new QuestDb(testAddresses.questdb);
  readonly #redis = connectRedis(testAddresses.redis);
  readonly #table = `points_t_${this.tenant}`;
  #folder = '';
  #service: StartedService | undefined;

  get url(): string {
    return this.#service?.url ?? '';
  }

  get(path: string, key: string = this.key): Promise<Response> {
    return fetch(this.url + path, { headers: { authorization: `Bearer ${key}` } });
  }

  post(path: string, body: object, key: string = this.key): Promise<Response> {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    return fetch(this.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  async start(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'millrace-api-'));
    await this.writeDevices(['d1', 'd2', 'd3']);
    await this.#storePoints();
    this.#service = await startService(
      apiDefinition((name) => name === this.tenant || name === this.other),
      {
        variables: {
          MILLRACE_KAFKA_BROKERS: testAddresses.kafka,
          MILLRACE_REGISTRY_URL: testAddresses.registry,
          MILLRACE_QUESTDB_URL: testAddresses.questdb,
          MILLRACE_REDIS_URL: testAddresses.redis,
          MILLRACE_CONFIG_DIR: this.#folder,
          MILLRACE_HTTP_PORT: '0',
          MILLRACE_SECRET_KEY: randomBytes(32).toString('hex'),
          MILLRACE_LOG_LEVEL: 'error',
        },
        onCrash: (error) => expect.unreachable(String(error)),
        signal: AbortSignal.timeout(50_000),
      },
    );
  }

  /** Devices of the tenant; none: the configuration has nothing any more. */
  async writeDevices(uids: readonly string[]): Promise<void> {
    const { tenant } = this;
    const tenants = uids.length > 0 ? [tenant, this.other] : [];
    const files = {
      'devices.json': uids.map((deviceUid) => ({ tenant, deviceUid, productId: 'pump' })),
      'products.json': uids.length > 0 ? [{ tenant, productId: 'pump', name: 'Pump' }] : [],
      'api-keys.json': tenants.map((name) => ({ tenant: name, keyId: name, key: keyOf(name), scopes: ['read'] })),
      'statistics.json': uids.length > 0 ? [statisticOf(tenant)] : [],
      'tenants.json': tenants.map((name) => ({ tenant: name, name, ownTable: true })),
    };
    for (const [name, content] of Object.entries(files)) await this.writeFile(name, JSON.stringify(content));
  }

  writeFile(name: string, content: string): Promise<void> {
    return writeFile(join(this.#folder, name), content);
  }

  async close(): Promise<void> {
    await this.writeDevices([]);
    await vi.waitFor(async () => expect((await this.get('/v1/devices')).status).toBe(401), 10_000);
    await this.#service?.app.close();
    await this.#questdb.query(`DROP TABLE IF EXISTS ${this.#table}`);
    await this.#redis.del(`latest:${this.tenant}/d1`);
    this.#redis.disconnect();
    this.#questdb.close();
    await rm(this.#folder, { recursive: true });
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
