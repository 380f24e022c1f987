/** The forms of what a page shows at a time: the key's own tenant, products, alarms, values of several devices. */
import type { Point } from '@millrace/timeseries';
import { z } from 'zod';
import { deviceUid, deviceUids, pointAnswer, pointOf, requestTime, time } from './answers.ts';

/** A plot of a screen's width. */
const bucketsPerAnswerMax = 300;

export const accessAnswer = z
  .strictObject({
    tenant: z.string(),
    name: z.string(),
    scopes: z.array(z.string()).describe('read: query data; ingest: send as any device of the tenant.'),
    expiresAt: time.nullable(),
  })
  .meta({ id: 'Access' });

const bound = z.number().nullable();
export const severity = z.enum(['warning', 'minor', 'major', 'critical']).describe('ITU-T X.733.');

const alarmAnswer = z
  .strictObject({
    alarmId: z.string().describe('Hex; the id of the event that raised it.'),
    device: deviceUid,
    deviceName: z.string(),
    ruleId: z.string(),
    ruleName: z.string(),
    signal: z.string(),
    unit: z.string(),
    severity,
    since: time.describe('Event time of the last transition.'),
    low: bound.describe('Interval of the grade: low <= value < high; null: open.'),
    high: bound,
    latest: pointAnswer.nullable().describe('Latest value of the signal; null: none, or Redis does not answer.'),
  })
  .meta({ id: 'Alarm' });

export const alarmsAnswer = z
  .strictObject({
    alarms: z.array(alarmAnswer).describe('The worst first, then the newest.'),
    total: z.int().describe('How many there are, shown or not.'),
  })
  .meta({ id: 'Alarms' });

export const latestQuery = z.strictObject({ devices: deviceUids });

export const latestOfManyAnswer = z
  .strictObject({
    devices: z.array(z.strictObject({ device: deviceUid, signals: z.record(z.string(), pointAnswer) })),
  })
  .meta({ id: 'LatestValuesOfDevices' });

export function latestOfManyOf(
  found: ReadonlyMap<string, ReadonlyMap<string, Point>>,
): z.infer<typeof latestOfManyAnswer> {
  return {
    devices: [...found].map(([device, points]) => ({
      device,
      signals: Object.fromEntries([...points].map(([signal, point]) => [signal, pointOf(point)])),
    })),
  };
}

export const trendsQuery = z.strictObject({
  devices: deviceUids,
  from: requestTime.optional().describe('Inclusive, ISO 8601; default: 15 minutes before `to`.'),
  to: requestTime.optional().describe('Exclusive, ISO 8601; default: now.'),
  buckets: z.coerce.number().int().min(1).max(bucketsPerAnswerMax).default(60),
});

const course = z.array(z.number().nullable()).readonly();

export const trendsAnswer = z
  .strictObject({
    from: time,
    bucketMs: z.number().describe('Bucket n begins n times this after `from`.'),
    trends: z.array(z.strictObject({ device: deviceUid, signal: z.string(), mean: course, low: course, high: course })),
  })
  .meta({ id: 'Trends', description: 'Numeric signals in equal steps of time; null where a bucket has no number.' });

export const limitsAnswer = z
  .strictObject({
    rules: z.array(
      z.strictObject({
        ruleId: z.string(),
        name: z.string(),
        signal: z.string(),
        grades: z.array(z.strictObject({ severity, low: bound, high: bound })),
      }),
    ),
  })
  .meta({ id: 'AlarmLimits' });
