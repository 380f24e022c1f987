/** What the live stream and the exports are made of. */
import { type AlarmEvent, type DataRowList, topics } from '@millrace/contracts';
import { followEnd, type Kafka, type Registry } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { type Emitter, Metrics } from '@millrace/observe';
import { KAFKA, REGISTRY } from '@millrace/platform';
import type { Provider } from '@nestjs/common';
import type { apiEvents } from './api-events.ts';
import { apiMetrics } from './api-metrics.ts';
import { EVENTS } from './api.providers.ts';
import { DeviceData } from './device-data.ts';
import { LiveFeed } from './live/live-feed.ts';
import { PointExports } from './point-exports.ts';

const followed = [topics.points, topics.alarmEvents].map(({ name }) => ({ topic: name }));

export const liveProviders: Provider[] = [
  {
    provide: LiveFeed,
    inject: [KAFKA, REGISTRY, EVENTS, Metrics],
    useFactory: async (
      kafka: Kafka,
      registry: Registry,
      events: Emitter<typeof apiEvents>,
      metrics: Metrics,
    ): Promise<LiveFeed> => {
      const points = await registry.codec<DataRowList>(topics.points);
      const alarms = await registry.codec<AlarmEvent>(topics.alarmEvents);
      const feed = new LiveFeed({
        follow: (onRecords, signal) => followEnd(kafka, followed, onRecords, signal),
        prepare: (records) => registry.prepare(records),
        decodePoints: (value) => points.decode(value),
        decodeAlarm: (value) => alarms.decode(value),
        clock: systemClock,
        events,
      });
      metrics.measured(apiMetrics.liveStreams, () => [{ labels: {}, value: feed.readers }]);
      return feed;
    },
  },
  {
    provide: PointExports,
    inject: [DeviceData, EVENTS],
    useFactory: (deviceData: DeviceData, events: Emitter<typeof apiEvents>) =>
      new PointExports({ deviceData, clock: systemClock, events }),
  },
];
