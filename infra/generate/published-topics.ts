/** What a subscriber must know of each published topic and the catalogue does not say; an example of its records. */
import { createHash } from 'node:crypto';
import {
  type AlarmEvent,
  type AlarmStates,
  type DataRowList,
  microsOfIsoTime,
  type NotificationAttempt,
  type StatisticResult,
  type Topic,
  topics,
} from '@millrace/contracts';

export interface HeaderNote {
  readonly meaning: string;
  readonly example: string;
}

export interface TopicNotes {
  /** How a repeat is recognised, in sentences. */
  readonly repeats: string;
  /** True: the records are written in transactions, and those of an aborted one must not be read. */
  readonly transactional: boolean;
  readonly headers: Readonly<Record<string, HeaderNote>>;
  readonly example: { readonly key: string; readonly value: object };
}

export interface PublishedTopic extends TopicNotes {
  readonly topic: Topic;
}

const bytes = (seed: string): Buffer => createHash('sha256').update(seed).digest().subarray(0, 16);
const micros = (time: string): number => microsOfIsoTime(time) ?? 0;

const device = { tenant: 'greenfield', deviceUid: 'cold-store-1' };
const key = `${device.tenant}/${device.deviceUid}`;
const rule = { ruleId: 'cold-store-too-warm', ruleVersion: 1, signal: 'temperature' };
const times = {
  timeMicros: micros('2026-03-01T12:30:00.250000Z'),
  receivedAtMicros: micros('2026-03-01T12:30:00.612344Z'),
};
const messageId = bytes('message');
const eventId = bytes('event');

const points: DataRowList = {
  messageId,
  part: 0,
  ...device,
  identificationCode: '24E124136B502217',
  ...times,
  timeFromSender: true,
  sequence: 1841,
  rows: [
    { name: 'temperature', value: 6.4, quality: 0, timeOffsetMicros: 0, ordinal: 0 },
    { name: 'door', value: 'open', quality: 0, timeOffsetMicros: 0, ordinal: 0 },
    { name: 'humidity', value: null, quality: 0, timeOffsetMicros: -60_000_000, ordinal: 0 },
  ],
  rawPayload: null,
  rawPartition: 3,
  rawOffset: 90_411,
  rawIndex: 17,
  scriptVersion: 'milesight-em300-th@1',
  warnings: ['humidity is not a number.'],
};

const alarmEvent: AlarmEvent = {
  eventId,
  alarmId: eventId,
  ...device,
  ...rule,
  ruleName: 'Cold store too warm',
  transition: 'raised',
  severityBefore: 'none',
  severity: 'warning',
  ...times,
  value: 6.4,
  low: 6,
  high: 8,
  deadband: 0.3,
  messageId,
};

const alarmStates: AlarmStates = {
  ...device,
  states: [{ ...rule, severity: 'warning', sinceMicros: times.timeMicros, alarmId: eventId }],
};

const resultId = bytes('result');

const result: StatisticResult = {
  resultId,
  tenant: device.tenant,
  statisticId: 'cold-store-mean',
  statisticVersion: 1,
  statisticName: 'Cold store, mean temperature of a minute',
  deviceUid: device.deviceUid,
  windowStartMicros: micros('2026-03-01T12:30:00Z'),
  windowEndMicros: micros('2026-03-01T12:31:00Z'),
  revision: 0,
  status: 'computed',
  values: [{ name: 'mean', value: 6.35 }],
  inputPoints: 6,
  scriptVersion: '',
  warnings: [],
  errorCode: '',
  errorDetail: '',
  computedAtMicros: micros('2026-03-01T12:31:10.042000Z'),
};

const attempt: NotificationAttempt = {
  eventId,
  ...device,
  channelId: 'shift-mail',
  kind: 'email',
  recipient: 'shift@greenfield.example',
  attempt: 1,
  outcome: 'delivered',
  detail: '250 2.0.0 Ok: queued',
  timeMicros: micros('2026-03-01T12:30:01.204000Z'),
};

/** As the CloudEvents Kafka binding writes an event in binary mode. */
function cloudEvent(id: HeaderNote, type: HeaderNote, source: string, time: HeaderNote): TopicNotes['headers'] {
  return {
    ce_specversion: { meaning: 'Version of CloudEvents.', example: '1.0' },
    ce_id: id,
    ce_type: type,
    ce_source: { meaning: 'Who says it; the same for all instances.', example: source },
    ce_time: time,
    'content-type': { meaning: 'Of the value, after its header of five bytes.', example: 'application/avro' },
  };
}

const notes: Readonly<Record<string, TopicNotes>> = {
  [topics.points.name]: {
    repeats:
      '`messageId` and `part` are those of the first time, whether the sender repeated the message under its own id or we wrote it twice after a ' +
      'crash. A sender that gives no id gets a new `messageId` each time: compare what a row is, `tenant`, `deviceUid`, `rows[].name`, its time ' +
      '(`timeMicros` + `timeOffsetMicros`), `sequence` and `ordinal`. A row that comes again under the same identity replaces the first. A message with neither an id nor a time of its own is new each ' +
      'time it is sent.',
    transactional: false,
    headers: {},
    example: { key, value: points },
  },
  [topics.alarmEvents.name]: {
    repeats:
      'The same `eventId` (also the header `ce_id`): the same points give the same id, however often they are evaluated.',
    transactional: true,
    headers: {
      ...cloudEvent(
        { meaning: '`eventId` in hex.', example: eventId.toString('hex') },
        { meaning: 'Type of the event, by `transition`.', example: 'io.millrace.alarm.raised' },
        '/millrace/alarm-evaluator',
        { meaning: '`timeMicros` in ISO 8601.', example: '2026-03-01T12:30:00.250000Z' },
      ),
      ce_subject: { meaning: 'The key.', example: key },
    },
    example: { key, value: alarmEvent },
  },
  [topics.alarmStates.name]: {
    repeats: 'Nothing to recognise: each record replaces the one before it with the same key.',
    transactional: true,
    headers: {},
    example: { key, value: alarmStates },
  },
  [topics.statisticResults.name]: {
    repeats:
      'The same `resultId` (also the header `ce_id`): one for each statistic, subject, window and revision. A repeat was evaluated again, so it may ' +
      'have other values, which then hold; keep the last. A result with a greater `revision` replaces that of the same `statisticId`, `deviceUid` and ' +
      '`windowEndMicros`.',
    transactional: false,
    headers: {
      ...cloudEvent(
        { meaning: '`resultId` in hex.', example: resultId.toString('hex') },
        { meaning: 'Type of the event, by `status`.', example: 'io.millrace.statistic.computed' },
        '/millrace/statistics-scheduler',
        { meaning: '`windowEndMicros` in ISO 8601.', example: '2026-03-01T12:31:00.000000Z' },
      ),
      ce_subject: { meaning: 'The key.', example: key },
    },
    example: { key, value: result },
  },
  [topics.notificationAttempts.name]: {
    repeats: 'The same `eventId`, `channelId`, `recipient`, `attempt` and `outcome` (together the header `ce_id`).',
    transactional: false,
    headers: cloudEvent(
      {
        meaning: '`eventId` in hex, `channelId`, `recipient`, `attempt` and `outcome`, with slashes between.',
        example: `${eventId.toString('hex')}/shift-mail/shift@greenfield.example/1/delivered`,
      },
      { meaning: 'Type of the event, by `outcome`.', example: 'io.millrace.notification.delivered' },
      '/millrace/notifier',
      { meaning: '`timeMicros` in ISO 8601, to the millisecond.', example: '2026-03-01T12:30:01.204Z' },
    ),
    example: { key: eventId.toString('hex'), value: attempt },
  },
};

/** The published topics in the order of the catalogue. Throws when one has no notes. */
export function publishedTopics(): PublishedTopic[] {
  return Object.values(topics)
    .filter(({ audience }) => audience === 'published')
    .map((topic) => {
      const found = notes[topic.name];
      if (!found) throw new Error(`${topic.name} is published: describe it in infra/generate/published-topics.ts.`);
      return { topic, ...found };
    });
}
