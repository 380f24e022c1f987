/**
 * Points and alarms as they are written, for everybody who listens. The topics are read once for the whole process, from
 * their end and only while somebody listens; records of tenants with nobody there are not even decoded.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type AlarmEvent,
  type DataRowList,
  isoTimeOf,
  microsOfIsoTime,
  MillraceError,
  topics,
} from '@millrace/contracts';
import type { ConsumedRecord, TopicFollower } from '@millrace/kafka';
import type { Clock } from '@millrace/kernel';
import type { Emitter } from '@millrace/observe';
import { Places, whenAborted } from '@millrace/platform/rest';
import type { apiEvents } from '../../api-events.ts';
import { LiveChannel } from './live-channel.ts';
import { missedText, startedText } from './event-forms.ts';
import { filterKeyOf, type LiveFilter } from './live-filter.ts';
import { LiveReader } from './live-reader.ts';

/** Each may let some hundred kilobytes wait, and costs some writes a second. */
const limits = {
  max: 2_000,
  ofTenantMax: 1_000,
  refusal: 'Too many live streams are open; close some, or try again in a minute.',
};
/** Proxies close connections that are silent for a minute. */
const heartbeatMs = 15_000;
/** Finding the ends of the partitions takes some 20 ms. */
const preparationMsMax = 5_000;

type OnRecords = (topic: string, partition: number, records: readonly ConsumedRecord[]) => Promise<void>;

export interface LiveFeedParts {
  /** Follows both topics from their end. */
  readonly follow: (onRecords: OnRecords, signal: AbortSignal) => Promise<Pick<TopicFollower, 'close'>>;
  /** Loads the schemas that the records name. */
  readonly prepare: (records: readonly ConsumedRecord[]) => Promise<void> | undefined;
  /** Each throws `undecodable_record` or `unknown_schema` for a record that no reader can be told. */
  readonly decodePoints: (value: Buffer) => DataRowList;
  readonly decodeAlarm: (value: Buffer) => AlarmEvent;
  /** Nothing is told of such a tenant; its readers are sent away with the next heartbeat. */
  readonly isDeleted: (tenant: string) => boolean;
  readonly clock: Clock;
  readonly events: Pick<Emitter<typeof apiEvents>, 'liveMissed' | 'liveRecordsSkipped'>;
}

export interface LiveRequest {
  readonly tenant: string;
  readonly filter: LiveFilter;
  /** The id that the reader got last, before it connected again. */
  readonly lastEventId: string | undefined;
  /** Why the reader may not read any more; asked again and again. */
  readonly refusal: () => MillraceError | undefined;
}

export class LiveFeed {
  readonly #parts: LiveFeedParts;
  readonly #places = new Places(limits);
  /** By tenant, then by what is wanted. */
  readonly #channels = new Map<string, Map<string, LiveChannel>>();
  /** Everybody who listens or is about to, with how to end it. */
  readonly #readers = new Map<LiveReader, { readonly request: LiveRequest; readonly cut: () => void }>();
  #following: Promise<Pick<TopicFollower, 'close'>> | undefined;
  #closing: Promise<void> = Promise.resolve();
  #heart: NodeJS.Timeout | undefined;

  constructor(parts: LiveFeedParts) {
    this.#parts = parts;
  }

  get readers(): number {
    return this.#places.taken;
  }

  /**
   * Resolves when everything that is written from then on will be told. `cut` ends the connection of a reader who takes
   * nothing; `gone` has to fire when it is gone. Throws `overloaded` or `stream_unavailable`.
   */
  async open(request: LiveRequest, cut: () => void, gone: AbortSignal): Promise<AsyncGenerator<Uint8Array>> {
    const { tenant, filter, lastEventId } = request;
    const { clock } = this.#parts;
    this.#places.enter(tenant, gone);
    const reader = new LiveReader(clock);
    this.#readers.set(reader, { request, cut });
    this.#heart ??= setInterval(() => this.#beat(), heartbeatMs);
    whenAborted(gone, () => this.#leave(reader));
    await this.#followed();
    gone.throwIfAborted();
    const at = isoTimeOf(clock.nowMs() * 1_000);
    reader.tell(`id: ${at}\n${startedText({ at })}`);
    const toldMicros = lastEventId === undefined ? undefined : microsOfIsoTime(lastEventId);
    if (toldMicros !== undefined)
      reader.tell(
        missedText({ reason: 'reconnected', points: null, alarms: null, from: isoTimeOf(toldMicros), to: at }),
      );
    const channel = this.#channelOf(tenant, filter);
    channel.add(reader);
    whenAborted(gone, () => this.#remove(reader, channel, request));
    return reader.pieces();
  }

  /** Tells everybody that it ends. */
  async close(): Promise<void> {
    const problem = new MillraceError('not_ready', 'The service stops; connect again.').toProblem();
    for (const reader of this.#readers.keys()) {
      reader.end(problem);
      this.#leave(reader);
    }
    await this.#closing;
  }

  async #followed(): Promise<void> {
    const following = (this.#following ??= this.#follow());
    try {
      await following;
    } catch (error) {
      if (this.#following === following) this.#following = undefined;
      throw new MillraceError('stream_unavailable', 'Kafka does not answer; connect again later.', { cause: error });
    }
  }

  #follow(): Promise<Pick<TopicFollower, 'close'>> {
    const following = this.#parts.follow(async (topic, _partition, records) => {
      // What a follower that is closing still hands on is told by the next one, or is for nobody.
      if (this.#following === following) await this.#tell(topic, records);
    }, AbortSignal.timeout(preparationMsMax));
    return following;
  }

  async #tell(topic: string, records: readonly ConsumedRecord[]): Promise<void> {
    const wanted = records.filter(({ key }) => this.#isWanted(tenantOf(key)));
    if (wanted.length === 0) return;
    await this.#parts.prepare(wanted);
    let skipped = 0;
    for (const { key, value } of wanted) {
      const channels = [...(this.#channels.get(tenantOf(key))?.values() ?? [])];
      try {
        // A fetch holds more than may wait for a reader: those who read quickly get the time to.
        if (value && this.#offer(topic, value, channels)) await nextTurn();
      } catch {
        skipped += 1;
      }
    }
    if (skipped > 0) this.#parts.events.liveRecordsSkipped({ topic, records: skipped });
  }

  #isWanted(tenant: string): boolean {
    return this.#channels.has(tenant) && !this.#parts.isDeleted(tenant);
  }

  /** True: readers were given a full piece. */
  #offer(topic: string, value: Buffer, channels: readonly LiveChannel[]): boolean {
    if (topic === topics.points.name) {
      const list = this.#parts.decodePoints(value);
      return channels.filter((channel) => channel.offerPoints(list)).length > 0;
    }
    const event = this.#parts.decodeAlarm(value);
    return channels.filter((channel) => channel.offerAlarm(event)).length > 0;
  }

  #channelOf(tenant: string, filter: LiveFilter): LiveChannel {
    const ofTenant = this.#channels.get(tenant) ?? new Map<string, LiveChannel>();
    this.#channels.set(tenant, ofTenant);
    const key = filterKeyOf(filter);
    const known = ofTenant.get(key);
    if (known) return known;
    const { clock, events } = this.#parts;
    const made = new LiveChannel(filter, clock, ({ points, alarms }) => events.liveMissed({ tenant, points, alarms }));
    ofTenant.set(key, made);
    return made;
  }

  #remove(reader: LiveReader, channel: LiveChannel, { tenant, filter }: LiveRequest): void {
    if (channel.remove(reader)) return;
    const ofTenant = this.#channels.get(tenant);
    ofTenant?.delete(filterKeyOf(filter));
    if (ofTenant?.size === 0) this.#channels.delete(tenant);
  }

  /** With the last one the topics are left alone. */
  #leave(reader: LiveReader): void {
    if (!this.#readers.delete(reader) || this.#readers.size > 0) return;
    clearInterval(this.#heart);
    this.#heart = undefined;
    const following = this.#following;
    this.#following = undefined;
    this.#closing = Promise.all([this.#closing, following?.then((one) => one.close())]).then(
      () => undefined,
      () => undefined,
    );
  }

  #beat(): void {
    for (const [reader, { request, cut }] of this.#readers) {
      const refusal = request.refusal();
      if (reader.isStalled) cut();
      else if (refusal) reader.end(refusal.toProblem());
      else reader.beat();
    }
  }
}

const slash = 0x2f;

/** The key is `tenant/deviceUid`. */
function tenantOf(key: Buffer | null): string {
  return key ? key.toString('latin1', 0, Math.max(0, key.indexOf(slash))) : '';
}
