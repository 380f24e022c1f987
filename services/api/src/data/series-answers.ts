/** The forms of questions about many series at once. */
import { isoTimeOf } from '@millrace/contracts';
import {
  type BucketSeries,
  type CourseSeries,
  pointsPerSeriesMax,
  seriesPerQueryMax,
  seriesPointsMax,
} from '@millrace/timeseries';
import { z } from 'zod';
import { deviceUid, requestTime, signalName, time } from './answers.ts';

/** One answer of Redis; below what a latest value of each signal of theirs may be. */
const latestDevicesMax = 1_000;
/** With as many devices: as many values as one answer may have. */
const latestSignalsMax = 50;

export const latestRequest = z
  .strictObject({
    devices: z
      .array(deviceUid)
      .min(1)
      .max(latestDevicesMax)
      .describe('Those that do not exist are left out of the answer.'),
    signals: z.array(signalName).max(latestSignalsMax).default([]).describe('Empty: all.'),
  })
  .meta({ id: 'LatestRequest' });

export const seriesRequest = z
  .strictObject({
    series: z
      .array(z.strictObject({ device: deviceUid, signal: signalName }))
      .min(1)
      .max(seriesPerQueryMax)
      .describe('Those of devices that do not exist are left out of the answer.'),
    from: requestTime.optional().describe('Inclusive, ISO 8601; default: an hour before `to`.'),
    to: requestTime.optional().describe('Exclusive, ISO 8601; default: now.'),
    points: z
      .int()
      .min(2)
      .max(pointsPerSeriesMax)
      .default(500)
      .describe(`At most so many of each series; ${seriesPointsMax} of all together.`),
    method: z
      .enum(['buckets', 'lttb'])
      .default('buckets')
      .describe(
        'buckets: count, min, max, avg and last of equal lengths of time. lttb: stored points that a line looks most like.',
      ),
  })
  .refine(({ series, points }) => series.length * points <= seriesPointsMax, {
    path: ['points'],
    message: `All series together may have ${seriesPointsMax}; ask for fewer points or series.`,
  })
  .meta({ id: 'SeriesRequest' });

const times = z.array(time);
const numbers = z.array(z.number());

export const bucketsAnswer = z
  .strictObject({
    method: z.literal('buckets'),
    from: time,
    to: time,
    bucketMs: z.number().describe('Length of a bucket.'),
    series: z.array(
      z.strictObject({
        device: deviceUid,
        signal: signalName,
        times: times.describe('Where the buckets begin; those without a number are left out. All arrays are as long.'),
        counts: z.array(z.int()),
        min: numbers,
        max: numbers,
        avg: numbers,
        last: numbers,
      }),
    ),
  })
  .meta({ id: 'SeriesBuckets', description: 'Numeric points; text and booleans are left out.' });

export const courseAnswer = z
  .strictObject({
    method: z.literal('lttb'),
    from: time,
    to: time,
    series: z.array(z.strictObject({ device: deviceUid, signal: signalName, times, values: numbers })),
  })
  .meta({ id: 'SeriesCourse', description: 'Numeric points; text and booleans are left out.' });

export const seriesAnswer = z.discriminatedUnion('method', [bucketsAnswer, courseAnswer]);

export function bucketsOf({ device, signal, timesMicros, counts, min, max, avg, last }: BucketSeries) {
  const columns = { counts: [...counts], min: [...min], max: [...max], avg: [...avg], last: [...last] };
  return { device, signal, times: timesMicros.map(isoTimeOf), ...columns };
}

export function courseOf({ device, signal, points }: CourseSeries) {
  const values = points.map(({ value }) => value);
  return { device, signal, times: points.map(({ timeMicros }) => isoTimeOf(timeMicros)), values };
}
