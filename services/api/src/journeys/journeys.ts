/** Sends messages by hand and follows them: how many at a time, and what each needs. */
import type { Configuration } from '@millrace/config';
import {
  type AlarmEvent,
  type DataRowList,
  deviceKey,
  type MessageSink,
  MillraceError,
  type ReceivedMessage,
  type TenantConfig,
  topics,
  silenceOf,
} from '@millrace/contracts';
import {
  committedOffset,
  followEnd,
  type Kafka,
  partitionOf,
  type Registry,
  type TopicFollower,
} from '@millrace/kafka';
import { Places, whenAborted } from '@millrace/platform/rest';
import { pointsTableOf } from '@millrace/timeseries';
import type { JourneyStep } from './journey-answers.ts';
import { Journey, type JourneyPorts } from './journey.ts';
import type { JourneyCodecs } from './journey-records.ts';

/** Each reads one partition of the stream as fast as it is written. */
const limits = {
  max: 16,
  ofTenantMax: 4,
  refusal: 'Too many messages are followed at the moment; send again in a few seconds.',
};
/** Finding the ends of the partitions takes some 20 ms. */
const preparationMsMax = 5_000;

const evaluatorGroup = 'millrace.alarm-evaluator';

export interface JourneysParts {
  readonly kafka: Kafka;
  readonly registry: Pick<Registry, 'prepare'>;
  readonly codecs: JourneyCodecs;
  readonly configuration: Pick<Configuration, 'tenant' | 'device' | 'rulesOf'>;
  readonly sink: MessageSink;
  readonly countStored: (table: string, list: DataRowList, signal: AbortSignal) => Promise<number>;
}

export class Journeys {
  readonly #parts: JourneysParts;
  readonly #places = new Places(limits);

  constructor(parts: JourneysParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when Kafka has the message, with the steps of its way. `gone` has to fire when nobody reads them any more, at the
   * latest after the last one. Throws `not_found`, a `SilentDevice`, `overloaded`, or why the message was not taken.
   */
  async begin(message: ReceivedMessage, gone: AbortSignal): Promise<AsyncGenerator<JourneyStep>> {
    const { tenant, deviceUid } = message;
    const device = this.#parts.configuration.device(tenant, deviceUid);
    const owner = this.#parts.configuration.tenant(tenant);
    if (!device || !owner) throw new MillraceError('not_found', `There is no device ${deviceUid}.`);
    const silence = silenceOf(device.state);
    if (silence) throw new MillraceError(silence, `Device ${deviceUid} is ${device.state}.`);
    this.#places.enter(tenant, gone);
    const journey = new Journey(this.#portsOf(owner));
    whenAborted(gone, () => journey.end());
    const key = deviceKey(tenant, deviceUid);
    const follower = await this.#follow(key, journey, gone);
    whenAborted(gone, () => void follower.close().catch(() => undefined));
    const sentAt = new Date().toISOString();
    const [id] = await this.#parts.sink.accept([message]);
    const messageId = Buffer.from(id!);
    const accepted = { messageId: messageId.toString('hex'), sentAt, bytes: message.payload.byteLength };
    return withFirst(
      { step: 'accepted', at: new Date().toISOString(), ...accepted },
      journey.steps({ messageId, deviceKey: key }, follower),
    );
  }

  async #follow(key: string, journey: Journey, gone: AbortSignal): Promise<TopicFollower> {
    const own = [partitionOf(key, topics.points.partitions)];
    const { raw, rawDeadLetters, parked, points, pointsDeadLetters, alarmEvents } = topics;
    const followed = [raw, rawDeadLetters, parked, points, pointsDeadLetters, alarmEvents];
    try {
      return await followEnd(
        this.#parts.kafka,
        // Attempts are keyed by their event, and few; they come last, so that the event is known when they are seen.
        [
          ...followed.map(({ name }) => ({ topic: name, partitions: own })),
          { topic: topics.notificationAttempts.name },
        ],
        journey.onRecords,
        AbortSignal.any([gone, AbortSignal.timeout(preparationMsMax)]),
      );
    } catch (error) {
      throw new MillraceError('stream_unavailable', 'Kafka does not answer; nothing was sent.', { cause: error });
    }
  }

  #portsOf(owner: TenantConfig): JourneyPorts {
    const { kafka, registry, codecs, countStored, configuration } = this.#parts;
    const { name: table } = pointsTableOf(owner);
    return {
      codecs,
      prepare: (record) => registry.prepare([record]),
      table,
      countStored: (list, signal) => countStored(table, list, signal),
      evaluatedOffset: (partition) => committedOffset(kafka, evaluatorGroup, topics.points.name, partition),
      toldOf: (event) => toldOf(event, configuration),
    };
  }
}

/** The deliveries that the notifier makes of the event, as `channel recipient`. */
function toldOf(event: AlarmEvent, configuration: Pick<Configuration, 'device' | 'rulesOf'>): readonly string[] {
  const device = configuration.device(event.tenant, event.deviceUid);
  const rule = device && configuration.rulesOf(device).find(({ ruleId }) => ruleId === event.ruleId);
  return (rule?.notify ?? []).flatMap(({ channelId, recipients }) => recipients.map((one) => `${channelId} ${one}`));
}

async function* withFirst<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}
