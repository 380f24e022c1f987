/** A tenant on the shared stack, with a table of its own: publishes it, sends points and alarm events. */
import {
  type AlarmEvent,
  type DataRowList,
  deviceKey,
  type StatisticResult,
  type TenantConfig,
  topics,
} from '@millrace/contracts';
import { committedOffset, endOffsets } from '@millrace/kafka';
import { TenantStream } from '@millrace/testkit-stream';
import { dataRowList } from './test-batch.ts';

/** A record that was put aside. */
export interface PutAside {
  readonly value: Buffer;
  readonly code: string | undefined;
}

const tenantKind = { topic: topics.configTenants, keyOf: ({ tenant }: TenantConfig) => tenant };

export class TestStream extends TenantStream {
  readonly table = `points_t_${this.tenant}`;
  readonly putAside: PutAside[] = [];

  constructor() {
    super('historian');
  }

  async begin(): Promise<void> {
    await this.publish(tenantKind, {
      tenant: this.tenant,
      name: 'Test',
      retentionClass: 'forever',
      ownTable: true,
      state: 'active',
      quotas: null,
    });
    await Promise.all([
      this.beginAtEnd(topics.points),
      this.beginAtEnd(topics.alarmEvents, `${this.groupId}.alarm-events`),
      this.beginAtEnd(topics.statisticResults, `${this.groupId}.statistic-results`),
      this.follow(topics.pointsDeadLetters, ({ key, value, headers }) => {
        if (this.owns(key)) this.putAside.push({ value, code: headers['errors.code'] });
      }),
    ]);
  }

  /** Lists of this tenant; `garbage`: bytes that are no list. */
  async send(deviceUid: string, ...lists: readonly (Partial<DataRowList> | 'garbage')[]): Promise<void> {
    const codec = await this.registry.codec<DataRowList>(topics.points);
    const values = lists.map((list) =>
      list === 'garbage' ? Buffer.from(list) : codec.encode(dataRowList({ tenant: this.tenant, deviceUid, ...list })),
    );
    await this.write(topics.points, this.partitionOf(deviceUid), deviceKey(this.tenant, deviceUid), values);
  }

  async sendAlarmEvents(events: readonly AlarmEvent[]): Promise<void> {
    const codec = await this.registry.codec<AlarmEvent>(topics.alarmEvents);
    for (const event of events) {
      const key = deviceKey(this.tenant, event.deviceUid);
      await this.write(topics.alarmEvents, this.partitionOf(event.deviceUid), key, [codec.encode(event)]);
    }
  }

  async sendStatisticResults(results: readonly StatisticResult[]): Promise<void> {
    const codec = await this.registry.codec<StatisticResult>(topics.statisticResults);
    for (const result of results) {
      const deviceUid = result.deviceUid ?? result.statisticId;
      const key = deviceKey(this.tenant, deviceUid);
      await this.write(topics.statisticResults, this.partitionOf(deviceUid), key, [codec.encode(result)]);
    }
  }

  /** Points of the device's partition that are not committed. */
  async uncommitted(deviceUid: string): Promise<bigint> {
    const partition = this.partitionOf(deviceUid);
    const end = (await endOffsets(this.kafka, topics.points.name)).get(partition) ?? 0n;
    return end - (await committedOffset(this.kafka, this.groupId, topics.points.name, partition));
  }

  override async close(): Promise<void> {
    await this.write(topics.configTenants, 0, this.tenant, [null]);
    await super.close();
  }
}
