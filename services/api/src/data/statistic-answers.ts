/** The forms of requests and answers about statistics, for checks and for the OpenAPI document. */
import { isoTimeOf } from '@millrace/contracts';
import type { StoredResult } from '@millrace/timeseries';
import { z } from 'zod';
import { deviceUid, pointsQuery, pointValue, requestTime, time } from './answers.ts';

export const statisticId = z
  .string()
  .regex(/^[a-z0-9-]{1,64}$/)
  .describe('Id of the statistic.');

export const resultsQuery = pointsQuery.extend({
  from: requestTime.optional().describe('Inclusive, ISO 8601, of the end of the window; default: a day before `to`.'),
  device: deviceUid.optional().describe('Only of this device.'),
  order: z.enum(['oldest', 'newest']).default('oldest').describe('Which window comes first.'),
});

export const resultAnswer = z
  .strictObject({
    device: z.string().nullable(),
    from: time.describe('Start of the window, inclusive.'),
    to: time.describe('End of the window, exclusive.'),
    revision: z.int().describe('0 for the first result of the window; counts up when it is evaluated again.'),
    status: z.string().describe('computed, or failed: see error.'),
    values: z.record(z.string(), pointValue),
    points: z.int().describe('How many points were read.'),
    error: z.strictObject({ code: z.string(), detail: z.string() }).nullable(),
    computedAt: time,
  })
  .meta({ id: 'StatisticResult' });

export const resultsAnswer = z
  .strictObject({
    results: z.array(resultAnswer),
    complete: z.boolean().describe('False: there are more than `limit` in this time.'),
  })
  .meta({ id: 'StatisticResults' });

export function resultOf(result: StoredResult): z.infer<typeof resultAnswer> {
  const { device, windowStartMicros, windowEndMicros, revision, status, values, points, error, computedAtMicros } =
    result;
  return {
    device,
    from: isoTimeOf(windowStartMicros),
    to: isoTimeOf(windowEndMicros),
    revision,
    status,
    values,
    points,
    error,
    computedAt: isoTimeOf(computedAtMicros),
  };
}
