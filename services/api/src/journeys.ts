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
} from '@millrace/contracts';
import {
  committedOffset,
  followEnd,
  type Kafka,
  partitionOf,
  type Registry,
  type TopicFollower,
} from '@millrace/kafka';
import { pointsTableOf } from '@millrace/timeseries';
import type { JourneyStep } from './journey-answers.ts';
import { Journey, type JourneyPorts } from './journey.ts';
import type { JourneyCodecs } from './journey-records.ts';

/** Each reads one partition of the stream as fast as it is written. */
const journeysMax = 16;
/** One tenant must not take the places of the others. */
const journeysOfTenantMax = 4;
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
  readonly #running = new Map<string, number>();

  constructor(parts: JourneysParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when Kafka has the message, with the steps of its way. `gone` has to fire when nobody reads them any more, at the
   * latest after the last one. Throws `not_found`, `device_disabled`, `overloaded`, or why the message was not taken.
   */
  async begin(message: ReceivedMessage, gone: AbortSignal): Promise<AsyncGenerator<JourneyStep>> {
    const { tenant, deviceUid } = message;
    const device = this.#parts.configuration.device(tenant, deviceUid);
    const owner = this.#parts.configuration.tenant(tenant);
    if (!device || !owner) throw new MillraceError('not_found', `There is no device ${deviceUid}.`);
    if (device.state !== 'active') throw new MillraceError('device_disabled', `Device ${deviceUid} is disabled.`);
    this.#enter(tenant, gone);
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
    const followed = [topics.raw, topics.rawDeadLetters, topics.points, topics.pointsDeadLetters, topics.alarmEvents];
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

  #enter(tenant: string, gone: AbortSignal): void {
    const own = this.#running.get(tenant) ?? 0;
    const all = [...this.#running.values()].reduce((sum, count) => sum + count, 0);
    if (own >= journeysOfTenantMax || all >= journeysMax)
      throw new MillraceError(
        'overloaded',
        'Too many messages are followed at the moment; send again in a few seconds.',
      );
    this.#running.set(tenant, own + 1);
    whenAborted(gone, () => this.#leave(tenant));
  }

  #leave(tenant: string): void {
    const left = (this.#running.get(tenant) ?? 1) - 1;
    if (left > 0) this.#running.set(tenant, left);
    else this.#running.delete(tenant);
  }
}

/** The deliveries that the notifier makes of the event, as `channel recipient`. */
function toldOf(event: AlarmEvent, configuration: Pick<Configuration, 'device' | 'rulesOf'>): readonly string[] {
  const device = configuration.device(event.tenant, event.deviceUid);
  const rule = device && configuration.rulesOf(device).find(({ ruleId }) => ruleId === event.ruleId);
  return (rule?.notify ?? []).flatMap(({ channelId, recipients }) => recipients.map((one) => `${channelId} ${one}`));
}

function whenAborted(signal: AbortSignal, action: () => void): void {
  if (signal.aborted) action();
  else signal.addEventListener('abort', action, { once: true });
}

async function* withFirst<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}
