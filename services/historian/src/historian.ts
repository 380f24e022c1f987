/** The parts of the historian, put together over QuestDB, Redis and Kafka. */
import type { Configuration } from '@millrace/config';
import { type AlarmEvent, asMillraceError, type DataRowList, type StatisticResult, topics } from '@millrace/contracts';
import type { DeadLetterWriter, Registry } from '@millrace/kafka';
import { Breaker, type BreakerState, type Clock, retrying, systemClock, type WorkInProgress } from '@millrace/kernel';
import type { Accounting } from '@millrace/observe';
import {
  alarmEventsTable,
  appendAlarmEvent,
  appendStatisticResult,
  applyRetention,
  awaitApplied,
  connectRedis,
  LatestValues,
  PointsWriter,
  QuestDb,
  rebuildLatest,
  resumeTable,
  RowWriter,
  statisticResultsTable,
  suspendedTables,
} from '@millrace/timeseries';
import type { ValueDecoder } from './decode-records.ts';
import type { HistorianEmitter } from './historian-events.ts';
import { LatestKeeper } from './latest-keeper.ts';
import { PointsIntake } from './points-intake.ts';
import { RetentionKeeper } from './retention-keeper.ts';
import { RowsIntake } from './rows-intake.ts';
import { TableGate } from './table-gate.ts';
import { TableStore } from './table-store.ts';
import { TableWatch } from './table-watch.ts';
import { TenantTables } from './tenant-tables.ts';

/** QuestDB restarts in seconds; asked once a second it is found soon. Two failures in a row are no accident. */
const breakerOptions = { resetMs: 1_000, failuresMin: 2, openCode: 'store_unavailable' } as const;

const startDelays = { delayMsMin: 200, delayMsMax: 2_000 };

/** What is being written at the end is given up after this time: it was not committed and will be read again. */
const closeMsMax = 3_000;

export interface HistorianOptions {
  readonly questdbUrl: string;
  readonly redisUrl: string;
  readonly registry: Pick<Registry, 'codec'>;
  readonly configuration: Pick<Configuration, 'version' | 'tenant' | 'tenants' | 'isDeleted'>;
  readonly letters: Pick<DeadLetterWriter, 'write'>;
  readonly accounting: Accounting;
  readonly work: Pick<WorkInProgress, 'begin'>;
  readonly events: HistorianEmitter;
  readonly clock?: Clock;
}

interface Decoders {
  readonly points: ValueDecoder<DataRowList>;
  readonly alarmEvents: ValueDecoder<AlarmEvent>;
  readonly statisticResults: ValueDecoder<StatisticResult>;
}

export class Historian {
  readonly points: PointsIntake;
  readonly alarmEvents: RowsIntake<AlarmEvent>;
  readonly statisticResults: RowsIntake<StatisticResult>;
  readonly #store: QuestDb;
  readonly #breaker: Breaker;
  readonly #redis: ReturnType<typeof connectRedis>;
  readonly #gate: TableGate;
  readonly #tables: TenantTables;
  readonly #latest: LatestKeeper;
  readonly #watch: TableWatch;
  readonly #retention: RetentionKeeper;
  readonly #stopping = new AbortController();
  #notReady: string | undefined = 'The tables in QuestDB were not looked at yet.';

  /** Codecs are asked of the registry; nothing else is asked before `start`. */
  static async over(options: HistorianOptions): Promise<Historian> {
    const { registry } = options;
    return new Historian(options, {
      points: await registry.codec<DataRowList>(topics.points),
      alarmEvents: await registry.codec<AlarmEvent>(topics.alarmEvents),
      statisticResults: await registry.codec<StatisticResult>(topics.statisticResults),
    });
  }

  private constructor(options: HistorianOptions, decoders: Decoders) {
    const { configuration, letters, accounting, work, events, clock = systemClock } = options;
    const isDeleted = (tenant: string): boolean => configuration.isDeleted(tenant);
    const store = new QuestDb(options.questdbUrl);
    const breaker = new Breaker('QuestDB', breakerOptions);
    breaker.onChange((state) => events.storeStateChanged({ state }));
    this.#store = store;
    this.#breaker = breaker;
    this.#redis = connectRedis(options.redisUrl);
    this.#gate = new TableGate(store);
    this.#latest = this.#newLatest(isDeleted, events, clock);
    this.#watch = new TableWatch({
      suspended: (signal) => suspendedTables(store, signal),
      resume: (table, signal) => resumeTable(store, table, signal),
      events,
      clock,
    });
    this.#tables = new TenantTables({
      configuration,
      open: (definition) =>
        new TableStore({
          table: definition.name,
          newWriter: () => new PointsWriter({ store, table: definition.name, breaker }),
          ensure: () => this.#gate.ensure(definition),
          onStored: (list) => this.#latest.offer(list),
          events,
          clock,
        }),
      clock,
    });
    this.#retention = new RetentionKeeper({
      configuration,
      tables: () => this.#tables.ownDefinitions(),
      apply: async (table, signal) => {
        await this.#gate.ensure(table);
        return applyRetention(store, table, signal);
      },
      events,
      clock,
    });
    const aside = { letters, events, clock };
    this.points = new PointsIntake({
      ...aside,
      decoder: decoders.points,
      tables: this.#tables,
      hop: accounting.hop('store'),
      work,
    });
    this.alarmEvents = new RowsIntake({
      ...aside,
      decoder: decoders.alarmEvents,
      writer: new RowWriter({ store, breaker, table: alarmEventsTable.name, append: appendAlarmEvent }),
      ensure: () => this.#gate.ensure(alarmEventsTable),
      onStored: (rows) => events.alarmEventsStored({ events: rows }),
      isDeleted,
      hop: accounting.hop('store-alarm-events'),
    });
    this.statisticResults = new RowsIntake({
      ...aside,
      decoder: decoders.statisticResults,
      writer: new RowWriter({ store, breaker, table: statisticResultsTable.name, append: appendStatisticResult }),
      ensure: () => this.#gate.ensure(statisticResultsTable),
      onStored: (rows) => events.statisticResultsStored({ results: rows }),
      isDeleted,
      hop: accounting.hop('store-statistic-results'),
    });
  }

  get storeState(): BreakerState {
    return this.#breaker.state;
  }

  /** Tables that the latest look found suspended; undefined while QuestDB was not asked or did not answer. */
  get suspendedTables(): number | undefined {
    return this.#watch.found;
  }

  /** Why rows can not be taken yet; undefined: they can. */
  get notReady(): string | undefined {
    return this.#notReady;
  }

  /**
   * Looks at the tables and creates what is missing; begins with the latest values. Throws `configuration_invalid` for a
   * table that must not be written. While QuestDB is away it goes on trying by itself and is not ready.
   */
  async start(): Promise<void> {
    this.#latest.start();
    this.#watch.start();
    this.#retention.start();
    try {
      await this.#ensureTables();
    } catch (error) {
      if (asMillraceError(error).retry === 'never') throw error;
      void this.#ensureTablesLater();
    }
  }

  /** Once nothing is consumed any more: writes what waits, within limits, and closes the connections. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The service stops.'));
    const limit = AbortSignal.timeout(closeMsMax);
    await Promise.all([...this.#tables.stores()].map((table) => table.close(limit)));
    await this.#latest.stop();
    await Promise.all([this.#watch.stop(), this.#retention.stop()]);
    this.#redis.disconnect();
    this.#store.close();
  }

  async #ensureTables(): Promise<void> {
    await this.#gate.ensureAll([...this.#tables.definitions(), alarmEventsTable, statisticResultsTable]);
    this.#notReady = undefined;
  }

  async #ensureTablesLater(): Promise<void> {
    try {
      await retrying(() => this.#ensureTables(), startDelays, this.#stopping.signal);
    } catch (error) {
      this.#notReady = asMillraceError(error).message; // A batch for that table ends the process with the same sentence.
    }
  }

  #newLatest(isDeleted: (tenant: string) => boolean, events: HistorianEmitter, clock: Clock): LatestKeeper {
    const values = new LatestValues(this.#redis, isDeleted);
    const store = this.#store;
    return new LatestKeeper({
      values,
      rebuild: async (sinceMicros, signal) => {
        const definitions = this.#tables.definitions();
        await this.#gate.ensureAll(definitions);
        const tables = definitions.map(({ name }) => name);
        await awaitApplied(store, tables, signal);
        return rebuildLatest({ store, latest: values, tables, sinceMicros }, signal);
      },
      events,
      clock,
    });
  }
}
