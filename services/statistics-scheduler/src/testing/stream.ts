/** A tenant on the shared stack, with a table of points of its own: publishes configuration, stores points, follows results. */
import { entityKinds } from '@millrace/config';
import { type StatisticConfig, type StatisticResult, topics } from '@millrace/contracts';
import { Breaker } from '@millrace/kernel';
import { testAddresses } from '@millrace/testkit';
import { TenantStream } from '@millrace/testkit-stream';
import {
  appendStatisticResult,
  ensureTable,
  pointsTable,
  PointsWriter,
  QuestDb,
  RowWriter,
  statisticResultsTable,
} from '@millrace/timeseries';
import { deviceOf, statisticOf } from './statistics.ts';

export class TestStream extends TenantStream {
  readonly store = new QuestDb(testAddresses.questdb);
  readonly results: StatisticResult[] = [];
  readonly #breaker = new Breaker('QuestDB', { resetMs: 100, failuresMin: 5 });

  constructor() {
    super('statistics');
  }

  get table(): string {
    return `points_t_${this.tenant}`;
  }

  async begin(devices: readonly string[]): Promise<void> {
    const { tenant } = this;
    await ensureTable(this.store, pointsTable(this.table, 'forever'));
    await ensureTable(this.store, statisticResultsTable);
    await this.publish(entityKinds.tenants, {
      tenant,
      name: 'Test',
      retentionClass: 'forever',
      ownTable: true,
      state: 'active',
      quotas: null,
    });
    for (const deviceUid of devices) await this.publish(entityKinds.devices, deviceOf(deviceUid, { tenant }));
    const codec = await this.registry.codec<StatisticResult>(topics.statisticResults);
    await this.follow(topics.statisticResults, ({ key, value }) => {
      if (this.owns(key)) this.results.push(codec.decode(value));
    });
  }

  async define(statistic: Partial<StatisticConfig>): Promise<void> {
    await this.publish(entityKinds.statistics, statisticOf({ tenant: this.tenant, ...statistic }));
  }

  async script(scriptId: string, source: string): Promise<void> {
    const script = { tenant: this.tenant, scriptId, version: 3, language: 'javascript', source };
    await this.publish(entityKinds.scripts, script);
  }

  /** Values by time, UTC milliseconds; of another tenant in the same table where one is named. */
  async storePoints(
    deviceUid: string,
    signal: string,
    values: Readonly<Record<number, number>>,
    tenant = this.tenant,
  ): Promise<void> {
    const writer = new PointsWriter({ store: this.store, table: this.table, breaker: this.#breaker });
    const rows = Object.entries(values).map(([timeMs, value]) => {
      return { name: signal, value, quality: 0, timeOffsetMicros: Number(timeMs) * 1_000, ordinal: 0 };
    });
    const list = {
      messageId: Buffer.alloc(16),
      part: 0,
      tenant,
      deviceUid,
      identificationCode: null,
      timeMicros: 0,
      timeFromSender: true,
      receivedAtMicros: 0,
      sequence: 0,
      rows,
      rawPayload: null,
      rawPartition: -1,
      rawOffset: -1,
      rawIndex: 0,
      scriptVersion: '',
      warnings: [],
    };
    await writer.write([list], AbortSignal.timeout(10_000));
  }

  /** Says of a window that it has a result, as the historian does. */
  async storeResult(result: StatisticResult): Promise<void> {
    const { store } = this;
    const writer = new RowWriter({
      store,
      breaker: this.#breaker,
      table: statisticResultsTable.name,
      append: appendStatisticResult,
    });
    await writer.write([result]);
  }

  resultsOf(statisticId: string): readonly StatisticResult[] {
    return this.results.filter((result) => result.statisticId === statisticId);
  }

  /** Others read the configuration after us: what is not deleted is evaluated by their tests. */
  async end(devices: readonly string[], statisticIds: readonly string[]): Promise<void> {
    const { tenant } = this;
    for (const id of statisticIds) await this.write(topics.configStatistics, 0, `${tenant}/${id}`, [null]);
    for (const deviceUid of devices) await this.write(topics.configDevices, 0, `${tenant}/${deviceUid}`, [null]);
    await this.write(topics.configTenants, 0, tenant, [null]);
    await this.store.query(`DROP TABLE IF EXISTS ${this.table}`);
    this.store.close();
    await this.close();
  }
}
