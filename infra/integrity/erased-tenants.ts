/** Three tenants with data everywhere, points that go on coming, and a look into every store for what is left of one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { generateKey, keyIdOf } from '@millrace/auth';
import { type DataRowList, deviceKey, type Topic, topics } from '@millrace/contracts';
import { connectRegistry, createKafka, partitionOf, RecordProducer } from '@millrace/kafka';
import { databaseText } from '@millrace/testkit/database-text';
import { connectRedis, keysLike } from '@millrace/timeseries';
import { expect, vi } from 'vitest';
import type { PlantStack } from './plant-stack.ts';
import { readRecords } from './read-topic.ts';

export const [gone, goneOwn, kept] = ['it_gone', 'it_gone_own', 'it_kept'];
export const tenants: readonly string[] = [gone, goneOwn, kept];

/** Stands in every text of the erased tenants. */
export const canary = 'canary-7302';

const devices = ['d1', 'd2'];
const dayMicros = 86_400_000_000;
/** Today, and partitions of days ago. */
const daysBack = [0, 2, 5];
const pauseMs = 20;

/** By their topic all keys that begin with a tenant; the records of the other topics leave by retention. */
const compacted: readonly Topic[] = Object.values(topics).filter(({ retention }) => retention === 'compacted');

export class ErasedTenants {
  readonly keys = new Map(tenants.map((tenant) => [tenant, generateKey()]));
  readonly #plant: PlantStack;
  readonly #startMicros = Date.now() * 1_000 - 3_600_000_000;
  readonly #producer: RecordProducer;
  readonly #ending = new AbortController();
  #sending: Promise<void> = Promise.resolve();
  /** Of each tenant so many points were sent: the value is the index. */
  sent = 0;

  constructor(plant: PlantStack) {
    this.#plant = plant;
    this.#producer = new RecordProducer(createKafka({ brokers: [plant.stack.address('kafka')], clientId: 'erasure' }));
  }

  ask(method: string, path: string, body?: object, more: Readonly<Record<string, string>> = {}): Promise<Response> {
    const authorization = `Bearer ${this.#plant.stack.adminKey}`;
    return fetch(`http://127.0.0.1:${this.#plant.stack.port('api-1')}${path}`, {
      method,
      headers: { authorization, ...(body && { 'content-type': 'application/json' }), ...more },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  async configure(): Promise<void> {
    const each = <T>(make: (tenant: string) => T[]): T[] => tenants.flatMap(make);
    const answer = await this.ask('POST', '/v1/config/apply', {
      tenants: each((tenant) => [
        { tenant, name: `${canary} ${tenant}`, retentionClass: 'forever', ownTable: tenant === goneOwn },
      ]),
      products: each((tenant) => [{ tenant, productId: 'machine', name: canary }]),
      devices: each((tenant) =>
        devices.map((deviceUid) => ({
          tenant,
          deviceUid,
          productId: 'machine',
          name: canary,
          passwords: [`${canary}-${deviceUid}`],
        })),
      ),
      apiKeys: each((tenant) => {
        const key = this.keys.get(tenant)!;
        return [{ tenant, keyId: keyIdOf(key)!, key, scopes: ['read', 'write', 'admin'] }];
      }),
      alarmRules: each((tenant) => [
        {
          tenant,
          ruleId: 'high',
          name: canary,
          productId: 'machine',
          signal: 'value',
          grades: [{ severity: 'major', low: 1 }],
        },
      ]),
      statistics: each((tenant) => [
        {
          tenant,
          statisticId: 'mean',
          name: canary,
          cron: '* * * * * *',
          graceSeconds: 1,
          productId: 'machine',
          inputs: [{ name: 'value', signal: 'value' }],
          aggregation: 'mean',
        },
      ]),
    });
    expect(answer.ok, answer.ok ? '' : await answer.text()).toBe(true);
  }

  /** A round of points of every tenant into every partition, again and again until `stop`. */
  async send(): Promise<void> {
    const registry = connectRegistry({ url: this.#plant.stack.address('registry') });
    const codec = await registry.codec<DataRowList>(topics.points);
    this.#sending = (async () => {
      while (!this.#ending.signal.aborted) {
        const index = this.sent;
        const records = tenants.map((tenant) => {
          const key = deviceKey(tenant, devices[index % devices.length]!);
          const value = codec.encode(this.#pointOf(tenant, index));
          return { topic: topics.points.name, partition: partitionOf(key, topics.points.partitions), key, value };
        });
        await this.#producer.send(records, AbortSignal.timeout(30_000));
        this.sent += 1;
        await sleep(pauseMs);
      }
    })();
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#sending;
    await this.#producer.close();
  }

  #pointOf(tenant: string, index: number): DataRowList {
    const timeMicros = this.#startMicros - daysBack[index % daysBack.length]! * dayMicros + index * 1_000;
    return {
      messageId: Buffer.alloc(16),
      part: 0,
      tenant,
      deviceUid: devices[index % devices.length]!,
      identificationCode: null,
      timeMicros,
      timeFromSender: true,
      receivedAtMicros: Date.now() * 1_000,
      sequence: index,
      rows: [{ name: 'value', value: index, quality: 0, timeOffsetMicros: 0, ordinal: 0 }],
      rawPayload: null,
      rawPartition: 0,
      rawOffset: 0,
      rawIndex: 0,
      scriptVersion: '',
      warnings: [],
    };
  }

  /** Values of the tenant in a table, in their order: without a gap and without a repetition they are 0, 1, 2, … */
  async storedValues(table: string, tenant: string): Promise<readonly number[]> {
    const rows = await this.#plant.query(
      `SELECT cast(value AS int) FROM ${table} WHERE tenant = '${tenant}' ORDER BY value`,
    );
    return rows.map(([value]) => Number(value));
  }

  /** Waits until every store has something of every tenant. */
  async spread(): Promise<void> {
    const places = [
      ...[gone, kept].flatMap((tenant) =>
        ['points_forever', 'alarm_events', 'statistic_results'].map((table) => [table, tenant]),
      ),
      [`points_t_${goneOwn}`, goneOwn],
      ['alarm_events', goneOwn],
    ] as const;
    for (const [table, tenant] of places)
      await vi.waitFor(
        async () =>
          expect(
            (await this.#plant.query(`SELECT ts FROM ${table} WHERE tenant = '${tenant}' LIMIT 1`)).length,
            `${table} ${tenant}`,
          ).toBe(1),
        { timeout: 30_000, interval: 100 },
      );
    for (const tenant of tenants)
      await vi.waitFor(async () => expect(await this.redisKeys(`latest:${tenant}/*`)).toHaveLength(2), 15_000);
  }

  async redisKeys(pattern: string): Promise<readonly string[]> {
    const redis = connectRedis(this.#plant.stack.address('redis'));
    try {
      await vi.waitFor(() => expect(redis.status).toBe('ready'), 5_000);
      const found: string[] = [];
      for await (const keys of keysLike(redis, pattern)) found.push(...keys);
      return found;
    } finally {
      redis.disconnect();
    }
  }

  /** Where something of a tenant is left, apart from its name and that it is deleted. */
  async traces(tenant: string): Promise<readonly string[]> {
    const traces: string[] = [];
    const tables = await this.#plant.query("SELECT table_name FROM tables() WHERE table_name NOT LIKE 'sys.%'");
    for (const [table] of tables) {
      if (table === `points_t_${tenant}`) traces.push(`the table ${table}`);
      const rows = await this.#plant.query(`SELECT count() FROM ${String(table)} WHERE tenant = '${tenant}'`);
      if (Number(rows[0]?.[0]) > 0) traces.push(`${Number(rows[0]?.[0])} rows of ${String(table)}`);
    }
    traces.push(...(await this.redisKeys(`*${tenant}/*`)).map((key) => `Redis ${key}`));
    for (const line of await databaseText(this.#plant.stack.address('postgres'))) {
      const isItsName = /^(tenants|outbox|erasures) /.test(line) && !line.includes(canary);
      if (new RegExp(`\\b${tenant}\\b`).test(line) && !isItsName) traces.push(`PostgreSQL ${line}`);
    }
    traces.push(...(await Promise.all(compacted.map((topic) => this.#recordsOf(topic, tenant)))).flat());
    return traces;
  }
  /** Keys of a compacted topic whose last record names the tenant. */
  async #recordsOf(topic: Topic, tenant: string): Promise<readonly string[]> {
    const last = new Map<string, Buffer | null>();
    for (const { record } of await readRecords(this.#plant.stack, topic.name))
      last.set(record.key?.toString() ?? '', record.value);
    const isItsName = (value: Buffer): boolean => topic === topics.configTenants && !value.includes(canary);
    const names = (text: string): boolean => new RegExp(`\\b${tenant}\\b`).test(text);
    return [...last].flatMap(([key, value]) =>
      value && !isItsName(value) && (names(key) || names(value.toString('latin1'))) ? [`${topic.name} ${key}`] : [],
    );
  }
}
