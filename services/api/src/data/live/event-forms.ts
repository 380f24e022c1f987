/** What a live stream tells: the forms of its events, for the OpenAPI document, and how they are made of records. */
import { type AlarmEvent, type DataRowList, isoTimeOf } from '@millrace/contracts';
import { problemAnswer } from '@millrace/platform/rest';
import { z } from 'zod';
import { deviceUid, pointValue, signalName, time } from '../answers.ts';
import { severity as severityName } from '../overview-answers.ts';
import { eventText } from '../../http/stream-reply.ts';
import type { LiveFilter } from './live-filter.ts';

const severity = z.enum(['none', ...severityName.options]).describe('ITU-T X.733, or none.');

const startedEvent = z
  .strictObject({ at: time.describe('Everything that is written from then on is told.') })
  .meta({ id: 'LiveStarted', description: 'Data of `started`, the first event.' });

const pointsEvent = z
  .strictObject({
    device: deviceUid,
    receivedAt: time.describe('When the platform took the message.'),
    points: z.array(
      z.strictObject({ signal: signalName, time, value: pointValue, quality: z.int().describe('0 is good.') }),
    ),
  })
  .meta({ id: 'LivePoints', description: 'Data of `points`: what one message said of one device.' });

const bound = z.number().nullable();

const alarmEvent = z
  .strictObject({
    eventId: z.string().describe('Hex; a repeated event has the same.'),
    alarmId: z.string().describe('Hex; the id of the event that raised it.'),
    device: deviceUid,
    ruleId: z.string(),
    ruleName: z.string(),
    signal: signalName,
    transition: z.enum(['raised', 'changed', 'cleared']),
    severityBefore: severity,
    severity,
    value: z.number(),
    low: bound.describe('Interval of the grade: low <= value < high; null: open.'),
    high: bound,
    time,
  })
  .meta({ id: 'LiveAlarm', description: 'Data of `alarm`: one transition.' });

const missedEvent = z
  .strictObject({
    reason: z.enum(['slow', 'reconnected']).describe('slow: you read slower than it came; reconnected: you were away.'),
    points: z.int().nullable().describe('How many points you did not get; null: it is not known.'),
    alarms: z.int().nullable().describe('How many transitions; null: it is not known.'),
    from: time.describe('slow: the first time of what you missed; reconnected: when you were told something last.'),
    to: time.describe('slow: the last time, inclusive; reconnected: now.'),
  })
  .meta({ id: 'LiveMissed', description: 'Data of `missed`: ask /v1/points/query for this time.' });

const endedEvent = problemAnswer.meta({ id: 'LiveEnded', description: 'Data of `ended`: why, as problem details.' });

/** The data of any event. */
export const liveEvent = z.union([startedEvent, pointsEvent, alarmEvent, missedEvent, endedEvent]);

export type Missed = z.infer<typeof missedEvent>;

/** What an event holds: whoever does not get it is told so much. Times are UTC microseconds. */
export interface Holding {
  readonly points: number;
  readonly alarms: number;
  readonly fromMicros: number;
  readonly toMicros: number;
}

export interface LiveEvent extends Holding {
  readonly text: string;
}

export const startedText = (data: z.infer<typeof startedEvent>): string => eventText('started', data);
export const missedText = (data: Missed): string => eventText('missed', data);
export const endedText = (data: object): string => eventText('ended', data);

/** Undefined: nothing of it is wanted. */
export function pointsEventOf(list: DataRowList, { devices, signals }: LiveFilter): LiveEvent | undefined {
  if (devices && !devices.has(list.deviceUid)) return undefined;
  const rows = signals ? list.rows.filter(({ name }) => signals.has(name)) : list.rows;
  if (rows.length === 0) return undefined;
  let fromMicros = Infinity;
  let toMicros = -Infinity;
  const points = rows.map(({ name, value, quality, timeOffsetMicros }) => {
    const micros = list.timeMicros + timeOffsetMicros;
    fromMicros = Math.min(fromMicros, micros);
    toMicros = Math.max(toMicros, micros);
    return { signal: name, time: isoTimeOf(micros), value, quality };
  });
  const data: z.infer<typeof pointsEvent> = {
    device: list.deviceUid,
    receivedAt: isoTimeOf(list.receivedAtMicros),
    points,
  };
  return { text: eventText('points', data), points: points.length, alarms: 0, fromMicros, toMicros };
}

/** Undefined: it is not wanted. A transition concerns the severity it leaves as well as the one it reaches. */
export function alarmEventOf(event: AlarmEvent, { devices, signals, severities }: LiveFilter): LiveEvent | undefined {
  if (devices && !devices.has(event.deviceUid)) return undefined;
  if (signals && !signals.has(event.signal)) return undefined;
  if (severities && !severities.has(event.severity) && !severities.has(event.severityBefore)) return undefined;
  const { ruleId, ruleName, signal, transition, value, low, high, timeMicros } = event;
  const data: z.infer<typeof alarmEvent> = {
    eventId: event.eventId.toString('hex'),
    alarmId: event.alarmId.toString('hex'),
    device: event.deviceUid,
    ruleId,
    ruleName,
    signal,
    transition,
    severityBefore: event.severityBefore as z.infer<typeof severity>,
    severity: event.severity as z.infer<typeof severity>,
    value,
    low,
    high,
    time: isoTimeOf(timeMicros),
  };
  return { text: eventText('alarm', data), points: 0, alarms: 1, fromMicros: timeMicros, toMicros: timeMicros };
}
