/** A tenant on the shared stack: sends points, follows its alarms. */
import { type AlarmEvent, type DataRowList, deviceKey, topics } from '@millrace/contracts';
import { committedOffset, endOffsets } from '@millrace/kafka';
import { type FollowedRecord, TenantStream } from '@millrace/testkit-stream';

export interface StoredEvent extends Omit<FollowedRecord, 'value'> {
  readonly event: AlarmEvent;
}

export class TestStream extends TenantStream {
  readonly events: StoredEvent[] = [];

  constructor() {
    super('evaluator');
  }

  async begin(): Promise<void> {
    const codec = await this.registry.codec<AlarmEvent>(topics.alarmEvents);
    await Promise.all([
      this.beginAtEnd(topics.points),
      this.follow(topics.alarmEvents, ({ value, ...place }) => {
        if (this.owns(place.key)) this.events.push({ event: codec.decode(value), ...place });
      }),
    ]);
  }

  async send(deviceUid: string, ...points: readonly (readonly [timeMicros: number, value: number])[]): Promise<void> {
    const codec = await this.registry.codec<DataRowList>(topics.points);
    const values = points.map(([timeMicros, value]) => codec.encode(this.#point(deviceUid, timeMicros, value)));
    await this.write(topics.points, this.partitionOf(deviceUid), deviceKey(this.tenant, deviceUid), values);
  }

  committed(deviceUid: string): Promise<bigint> {
    return committedOffset(this.kafka, this.groupId, topics.points.name, this.partitionOf(deviceUid));
  }

  async end(deviceUid: string): Promise<bigint> {
    return (await endOffsets(this.kafka, topics.points.name)).get(this.partitionOf(deviceUid)) ?? 0n;
  }

  #point(deviceUid: string, timeMicros: number, value: number): DataRowList {
    return {
      messageId: Buffer.alloc(16, 7),
      part: 0,
      tenant: this.tenant,
      deviceUid,
      identificationCode: null,
      timeMicros,
      timeFromSender: true,
      receivedAtMicros: Date.now() * 1_000,
      sequence: 0,
      rows: [{ name: 'temperature', value, quality: 0, timeOffsetMicros: 0, ordinal: 0 }],
      rawPayload: null,
      rawPartition: -1,
      rawOffset: -1,
      rawIndex: 0,
      scriptVersion: '',
      warnings: [],
    };
  }
}
