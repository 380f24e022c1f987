/** A tenant on the shared stack: sends raw messages, follows its points and dead letters. */
import { randomBytes } from 'node:crypto';
import { type DataRowList, type RawBatch, type RawMessage, topics } from '@millrace/contracts';
import { type FollowedRecord, TenantStream } from '@millrace/testkit-stream';
import { rawBatch, rawMessage } from './raw-messages.ts';

export interface StoredPoints extends Pick<FollowedRecord, 'key' | 'partition'> {
  readonly list: DataRowList;
}

export interface StoredLetter extends Pick<FollowedRecord, 'key' | 'headers'> {
  readonly raw: RawBatch;
}

export class TestStream extends TenantStream {
  readonly points: StoredPoints[] = [];
  readonly letters: StoredLetter[] = [];

  constructor() {
    super('parser');
  }

  async begin(): Promise<void> {
    const points = await this.registry.codec<DataRowList>(topics.points);
    const raw = await this.registry.codec<RawBatch>(topics.raw);
    await Promise.all([
      this.beginAtEnd(topics.raw),
      this.beginAtEnd(topics.parked, `${this.groupId}.parked`),
      this.follow(topics.points, ({ key, value, partition }) => {
        if (this.owns(key)) this.points.push({ list: points.decode(value), key, partition });
      }),
      this.follow(topics.rawDeadLetters, ({ key, value, headers }) => {
        if (this.owns(key)) this.letters.push({ raw: raw.decode(value), key, headers });
      }),
    ]);
  }

  /** One raw record with a message for each payload; `origin`: of the owner of a connection that writes it. */
  async send(
    deviceUid: string,
    payloads: readonly Buffer[],
    given: Partial<RawMessage> = {},
    origin: Partial<RawBatch> = {},
  ): Promise<void> {
    const codec = await this.registry.codec<RawBatch>(topics.raw);
    const messages = payloads.map((payload) =>
      rawMessage({ messageId: randomBytes(16), tenant: this.tenant, deviceUid, payload, ...given }),
    );
    await this.write(topics.raw, this.partitionOf(deviceUid), null, [
      codec.encode({ ...rawBatch(messages), ...origin }),
    ]);
  }

  /** Values of a signal that were stored for a device, in order. */
  valuesOf(deviceUid: string, signal: string): readonly unknown[] {
    const ofDevice = this.points.filter(({ list }) => list.deviceUid === deviceUid);
    return ofDevice.flatMap(({ list }) => list.rows.filter(({ name }) => name === signal).map(({ value }) => value));
  }
}
