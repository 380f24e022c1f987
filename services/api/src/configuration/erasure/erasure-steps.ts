/**
 * What has to happen until nothing of a tenant is left, in this order. Each step may be cut off anywhere and done again; it
 * throws what is worth another attempt later. Nothing that is written meanwhile can be of the tenant: the first step sees to that.
 */
import { type Configuration, type Propagation, type PublishedOffsets, writtenEntities } from '@millrace/config';
import { MillraceError, type TenantConfig, topics } from '@millrace/contracts';
import type { Body, ErasedEntities, Erasure, Erasures, Expiry, Removed } from '@millrace/control';
import { type Kafka, longestStayMs, type RecordProducer } from '@millrace/kafka';
import { type Clock, orAborted } from '@millrace/kernel';
import {
  awaitApplied,
  countKeysLike,
  countTenantRows,
  dropTable,
  emptyTenantRows,
  ownTableName,
  sharedTables,
} from '@millrace/timeseries';
import type { Stores } from '../../stores.ts';
import { nullRecords } from './keys-of-tenant.ts';

export interface ErasureStepsParts {
  readonly erasures: Erasures;
  readonly entities: ErasedEntities;
  readonly propagation: Propagation;
  readonly offsets: PublishedOffsets;
  readonly configuration: Configuration;
  readonly stores: Stores;
  readonly kafka: Kafka;
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly clock: Clock;
}

/** One attempt waits so long for others; the next one goes on waiting. */
const waitMsMax = 30_000;
const lookMs = 200;

/** What was sent to a store before the tenant was hidden, and was given up by who sent it, may arrive for so long. */
const onItsWayMs = 10_000;

/** Keys of devices and of connections begin with the tenant. The owners of these topics write nothing of a deleted tenant any more. */
const compactedTopics = [topics.alarmStates.name, topics.configConnections.name, topics.connectionClaims.name];

/** They say where others are, and nothing of a tenant. */
const impersonalTopics: ReadonlySet<string> = new Set([topics.configPublished.name, topics.configPositions.name]);

/** Runs of statistics, as the scheduler's queue names them. */
const runsOf = (tenant: string): string => `millrace:*:${tenant}/*`;

export class ErasureSteps {
  readonly #parts: ErasureStepsParts;

  constructor(parts: ErasureStepsParts) {
    this.#parts = parts;
  }

  /** By name, in their order. */
  readonly all: readonly (readonly [name: string, run: (erasure: Erasure, signal: AbortSignal) => Promise<void>])[] = [
    ['hide', (erasure, signal) => this.#hide(erasure, signal)],
    ['configuration', (erasure, signal) => this.#configuration(erasure, signal)],
    ['tables', (erasure, signal) => this.#tables(erasure, signal)],
    ['caches', (erasure, signal) => this.#caches(erasure, signal)],
    ['topics', (erasure, signal) => this.#topics(erasure, signal)],
    ['verify', (erasure, signal) => this.#verify(erasure, signal)],
  ];

  /** When the last record that names the tenant leaves each topic, if the last one was written just now. */
  expiries(): readonly Expiry[] {
    const nowMs = this.#parts.clock.nowMs();
    return Object.values(topics)
      .filter(({ name }) => !impersonalTopics.has(name))
      .map((topic) => ({ topic: topic.name, at: new Date(nowMs + longestStayMs(topic)).toISOString() }));
  }

  /** Every instance of every service knows that the tenant is deleted, and has ended what it began before it knew. */
  #hide({ position }: Erasure, signal: AbortSignal): Promise<void> {
    return this.#reached(position, 'settled', signal);
  }

  async #configuration({ tenant }: Erasure, signal: AbortSignal): Promise<void> {
    const { entities } = this.#parts;
    const position = await entities.delete(tenant, 'configuration', erasedTenant, signal);
    await this.#reached(position, 'applied', signal);
    await entities.deleteTraces(tenant, 'configuration', position);
  }

  async #tables({ tenant }: Erasure, signal: AbortSignal): Promise<void> {
    const { questdb } = this.#parts.stores;
    const own = ownTableName(tenant);
    await awaitApplied(questdb, [own, ...sharedTables.map(({ name }) => name)], signal);
    const rows = { name: own, unit: 'rows', count: await countTenantRows(questdb, own, tenant, signal) } as const;
    const tables = { name: own, unit: 'tables', count: (await this.#hasTable(own, signal)) ? 1 : 0 } as const;
    await this.#remove(tenant, 'tables', rows, () =>
      this.#remove(tenant, 'tables', tables, () => dropTable(questdb, own, signal)),
    );
    for (const table of sharedTables) {
      const count = await countTenantRows(questdb, table.name, tenant, signal);
      const what = { name: table.name, unit: 'rows', count } as const;
      await this.#remove(tenant, 'tables', what, () => emptyTenantRows(questdb, table, tenant, signal));
    }
  }

  async #caches({ tenant }: Erasure, signal: AbortSignal): Promise<void> {
    const { latest, redis } = this.#parts.stores;
    const values = { name: 'latest values', unit: 'keys', count: await latest.countDevices(tenant) } as const;
    await this.#remove(tenant, 'caches', values, () => latest.forget(tenant));
    const runs = { name: 'runs of statistics', unit: 'keys', count: await this.#runs(tenant) } as const;
    await this.#remove(tenant, 'caches', runs, () =>
      this.#until(
        async () => (await countKeysLike(redis, runsOf(tenant))) === 0,
        signal,
        () =>
          new MillraceError(
            'configuration_behind',
            'The statistics-scheduler still has runs of it; see that one runs.',
          ),
      ),
    );
  }

  async #topics({ tenant }: Erasure, signal: AbortSignal): Promise<void> {
    const { kafka, producer } = this.#parts;
    for (const topic of compactedTopics) {
      const records = await nullRecords(kafka, topic, tenant, signal);
      const what = { name: topic, unit: 'records', count: records.length } as const;
      await this.#remove(tenant, 'topics', what, async () => {
        if (records.length > 0) await producer.send(records, signal);
      });
    }
  }

  /** Looks everywhere again, once nothing can be on its way any more. */
  async #verify(erasure: Erasure, signal: AbortSignal): Promise<void> {
    const { clock, erasures } = this.#parts;
    const hidden = erasure.steps.find(({ name }) => name === 'hide')?.endedAt;
    const quietAtMs = (hidden ? Date.parse(hidden) : clock.nowMs()) + onItsWayMs;
    await clock.sleep(Math.max(0, quietAtMs - clock.nowMs()), signal);
    const left = (await this.#left(erasure.tenant, signal)).filter(([, count]) => count > 0);
    if (left.length === 0) return;
    await erasures.doAgain(erasure.tenant);
    const places = left.map(([place, count]) => `${place} (${count})`).join(', ');
    throw new MillraceError('conflict', `Something of it was found again: ${places}. Everything is erased once more.`);
  }

  /** How much there is of the tenant, by place. */
  async #left(tenant: string, signal: AbortSignal): Promise<readonly (readonly [place: string, count: number])[]> {
    const { entities, stores, kafka } = this.#parts;
    const { questdb, latest } = stores;
    const left: (readonly [string, number])[] = [
      ['PostgreSQL', await entities.count(tenant)],
      ['configuration topics', this.#entities(tenant)],
      ['latest values', await latest.countDevices(tenant)],
      ['runs of statistics', await this.#runs(tenant)],
    ];
    const own = ownTableName(tenant);
    await awaitApplied(
      questdb,
      sharedTables.map(({ name }) => name),
      signal,
    );
    if (await this.#hasTable(own, signal)) left.push([own, 1]);
    for (const { name } of sharedTables) left.push([name, await countTenantRows(questdb, name, tenant, signal)]);
    for (const topic of compactedTopics) left.push([topic, (await nullRecords(kafka, topic, tenant, signal)).length]);
    return left;
  }

  /** Of the tenant in the configuration as the topics say it, beside the tenant itself. */
  #entities(tenant: string): number {
    const { configuration } = this.#parts;
    const tables = writtenEntities
      .filter((entity) => entity !== 'tenants')
      .map((entity): ReadonlyMap<string, { readonly tenant: string }> => configuration.all(entity));
    return tables.flatMap((table) => [...table.values()]).filter((entity) => entity.tenant === tenant).length;
  }

  #runs(tenant: string): Promise<number> {
    return countKeysLike(this.#parts.stores.redis, runsOf(tenant));
  }

  async #hasTable(name: string, signal: AbortSignal): Promise<boolean> {
    const rows = await this.#parts.stores.questdb.query(
      `SELECT table_name FROM tables() WHERE table_name = '${name}'`,
      signal,
    );
    return rows.length > 0;
  }

  async #remove(tenant: string, step: string, what: Removed, work: () => Promise<void>): Promise<void> {
    await this.#parts.erasures.remove(tenant, step, what, work);
  }

  async #reached(position: bigint, reach: 'applied' | 'settled', signal: AbortSignal): Promise<void> {
    const { propagation, offsets } = this.#parts;
    const state = await orAborted(propagation.awaitLive(position, waitMsMax, offsets, reach), signal);
    if (state.live) return;
    const waited = state.instances.filter(({ live }) => !live).map(({ service, instance }) => `${service}/${instance}`);
    throw new MillraceError(
      'configuration_behind',
      `Not every service has heard that the tenant is deleted and ended what it was at: ${waited.join(', ')}.`,
    );
  }

  async #until(isSo: () => Promise<boolean>, signal: AbortSignal, otherwise: () => MillraceError): Promise<void> {
    const { clock } = this.#parts;
    for (const untilMs = clock.monotonicMs() + waitMsMax; !(await isSo()); await clock.sleep(lookMs, signal))
      if (clock.monotonicMs() > untilMs) throw otherwise();
  }
}

/** A tenant as nobody finds it any more. */
export function hiddenTenant(body: Body): Body {
  return { ...body, state: 'deleted' };
}

/** What stays for good: the name, and that it is deleted. So old records of it are known for what they are, whoever reads them again. */
export function erasedTenant(body: Body): Body {
  const nothing = { name: '', retentionClass: '30d', ownTable: false, state: 'deleted', quotas: null };
  return { tenant: body['tenant'] as string, ...(nothing satisfies Omit<TenantConfig, 'tenant'>) };
}
