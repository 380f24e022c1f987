/** Every question about the data: values, series, statistics, alarms, files of them and the live stream. */
import type { FollowedConfiguration } from '@millrace/config';
import { type AlarmEvent, type DataRowList, topics } from '@millrace/contracts';
import { followEnd, type Kafka, readTables, type Registry, type TableReader } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { type Emitter, Metrics } from '@millrace/observe';
import { CONFIGURATION, KAFKA, REGISTRY } from '@millrace/platform';
import { type BeforeApplicationShutdown, Inject, Module } from '@nestjs/common';
import { type apiEvents, EVENTS } from '../api-events.ts';
import { apiMetrics } from '../api-metrics.ts';
import { Stores } from '../stores.ts';
import { ActiveAlarms } from './active-alarms.ts';
import { AlarmsController } from './alarms.controller.ts';
import { DeviceData } from './device-data.ts';
import { ExportController } from './export.controller.ts';
import { LiveFeed } from './live/live-feed.ts';
import { LiveController } from './live.controller.ts';
import { OverviewController } from './overview.controller.ts';
import { PointExports } from './point-exports.ts';
import { PointsController } from './points.controller.ts';
import { SeriesController } from './series.controller.ts';
import { StatisticData } from './statistic-data.ts';
import { StatisticsController } from './statistics.controller.ts';

/** Keeps `ActiveAlarms` up to date. */
const ALARM_STATES = Symbol('reader of alarm states');

/** Reading the checkpoints takes a second; a start that cannot is repeated by whoever supervises the process. */
const readingMsMax = 60_000;

const followed = [topics.points, topics.alarmEvents].map(({ name }) => ({ topic: name }));

@Module({
  controllers: [
    OverviewController,
    PointsController,
    SeriesController,
    ExportController,
    LiveController,
    StatisticsController,
    AlarmsController,
  ],
  providers: [
    {
      provide: DeviceData,
      inject: [CONFIGURATION, Stores],
      useFactory: ({ configuration }: FollowedConfiguration, stores: Stores) => new DeviceData(configuration, stores),
    },
    {
      provide: StatisticData,
      inject: [CONFIGURATION, Stores],
      useFactory: ({ configuration }: FollowedConfiguration, { statisticResults }: Stores) =>
        new StatisticData(configuration, statisticResults),
    },
    {
      provide: ActiveAlarms,
      inject: [CONFIGURATION],
      useFactory: ({ configuration }: FollowedConfiguration) => new ActiveAlarms(configuration),
    },
    {
      provide: ALARM_STATES,
      inject: [KAFKA, REGISTRY, ActiveAlarms],
      useFactory: (kafka: Kafka, registry: Registry, active: ActiveAlarms) =>
        readTables(kafka, registry, [active], AbortSignal.timeout(readingMsMax)),
    },
    {
      provide: LiveFeed,
      inject: [KAFKA, REGISTRY, EVENTS, Metrics, CONFIGURATION],
      useFactory: openLiveFeed,
    },
    {
      provide: PointExports,
      inject: [DeviceData, EVENTS],
      useFactory: (deviceData: DeviceData, events: Emitter<typeof apiEvents>) =>
        new PointExports({ deviceData, clock: systemClock, events }),
    },
  ],
})
export class DataModule implements BeforeApplicationShutdown {
  readonly #live: LiveFeed;
  readonly #alarmStates: TableReader;

  constructor(live: LiveFeed, @Inject(ALARM_STATES) alarmStates: TableReader) {
    this.#live = live;
    this.#alarmStates = alarmStates;
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.#live.close(), this.#alarmStates.close()]);
  }
}

async function openLiveFeed(
  kafka: Kafka,
  registry: Registry,
  events: Emitter<typeof apiEvents>,
  metrics: Metrics,
  { configuration }: FollowedConfiguration,
): Promise<LiveFeed> {
  const points = await registry.codec<DataRowList>(topics.points);
  const alarms = await registry.codec<AlarmEvent>(topics.alarmEvents);
  const feed = new LiveFeed({
    follow: (onRecords, signal) => followEnd(kafka, followed, onRecords, signal),
    prepare: (records) => registry.prepare(records),
    decodePoints: (value) => points.decode(value),
    decodeAlarm: (value) => alarms.decode(value),
    isDeleted: (tenant) => configuration.isDeleted(tenant),
    clock: systemClock,
    events,
  });
  metrics.measured(apiMetrics.liveStreams, () => [{ labels: {}, value: feed.readers }]);
  return feed;
}
