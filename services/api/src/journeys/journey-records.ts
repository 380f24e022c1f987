/** Finds one message in records of the stream and says what they tell of it. */
import {
  type AlarmEvent,
  type DataRowList,
  isoTimeOf,
  type NotificationAttempt,
  type ParkedBatch,
  type RawBatch,
  topics,
} from '@millrace/contracts';
import type { AvroCodec, ConsumedRecord, Registry } from '@millrace/kafka';
import { type JourneyStep, rowsShownMax } from './journey-answers.ts';

type Decoder<T> = Pick<AvroCodec<T>, 'decode'>;

export interface JourneyCodecs {
  readonly raw: Decoder<RawBatch>;
  readonly parked: Decoder<ParkedBatch>;
  readonly points: Decoder<DataRowList>;
  readonly alarmEvents: Decoder<AlarmEvent>;
  readonly attempts: Decoder<NotificationAttempt>;
}

export async function journeyCodecs(registry: Registry): Promise<JourneyCodecs> {
  return {
    raw: await registry.codec<RawBatch>(topics.raw),
    parked: await registry.codec<ParkedBatch>(topics.parked),
    points: await registry.codec<DataRowList>(topics.points),
    alarmEvents: await registry.codec<AlarmEvent>(topics.alarmEvents),
    attempts: await registry.codec<NotificationAttempt>(topics.notificationAttempts),
  };
}

/** Whose journey it is. */
export interface Traveller {
  readonly messageId: Buffer;
  /** `tenant/deviceUid`. */
  readonly deviceKey: string;
}

/**
 * Whether the bytes may be about the message: they hold its id. Cheap, since most records of a busy partition are about
 * others and are never decoded.
 */
export function mayConcern({ value }: ConsumedRecord, { messageId }: Traveller): boolean {
  return value?.includes(messageId) ?? false;
}

type Step<K extends JourneyStep['step']> = Extract<JourneyStep, { readonly step: K }>;

/** Undefined: only somebody's payload holds the same bytes. */
export function rawStepOf(batch: RawBatch, partition: number, record: ConsumedRecord, { messageId }: Traveller) {
  const index = batch.messages.findIndex((one) => one.messageId.equals(messageId));
  if (index < 0) return undefined;
  return {
    step: 'raw',
    at: timeOf(record),
    partition,
    offset: record.offset,
    receivedAt: isoTimeOf(batch.messages[index]!.receivedAtMicros),
    index,
    messages: batch.messages.length,
  } satisfies Step<'raw'>;
}

/** As `rawStepOf`. */
export function parkedStepOf(
  { reason, raw }: ParkedBatch,
  partition: number,
  record: ConsumedRecord,
  { messageId }: Traveller,
) {
  if (!raw.messages.some((one) => one.messageId.equals(messageId))) return undefined;
  return { step: 'parked', at: timeOf(record), partition, offset: record.offset, reason } satisfies Step<'parked'>;
}

export function pointsStepOf(list: DataRowList, partition: number, record: ConsumedRecord): Step<'points'> {
  return {
    step: 'points',
    at: timeOf(record),
    partition,
    offset: record.offset,
    script: list.scriptVersion,
    time: isoTimeOf(list.timeMicros),
    rows: list.rows.slice(0, rowsShownMax).map(({ name: signal, value, quality }) => ({ signal, value, quality })),
    rowsTotal: list.rows.length,
    warnings: [...list.warnings],
  };
}

export function alarmStepOf(event: AlarmEvent, record: ConsumedRecord): Step<'alarm'> {
  const { ruleId, ruleName, signal, value, transition } = event;
  const severity = event.severity as Step<'alarm'>['severity'];
  const severityBefore = event.severityBefore as Step<'alarm'>['severity'];
  return { step: 'alarm', at: timeOf(record), ruleId, ruleName, signal, value, transition, severityBefore, severity };
}

/** Undefined for an attempt that has only begun. */
export function notifiedStepOf({ outcome, channelId, recipient, detail, timeMicros }: NotificationAttempt) {
  if (outcome === 'started') return undefined;
  const at = new Date(timeMicros / 1_000).toISOString();
  return { step: 'notified', at, channel: channelId, recipient, outcome, detail } satisfies Step<'notified'>;
}

export function deadLetterStepOf(topic: string, record: ConsumedRecord): Step<'dead-letter'> {
  const header = (name: string): string => String(record.headers?.[`errors.${name}`] ?? '');
  const [stage, code, detail] = [header('stage'), header('code'), header('message')];
  return { step: 'dead-letter', at: timeOf(record), topic, stage, code, detail };
}

function timeOf({ timestamp }: ConsumedRecord): string {
  return new Date(Number(timestamp)).toISOString();
}
