/** The forms of requests and answers, for checks and for the OpenAPI document. */
import { deviceUidPattern, isoTimeOf, microsOfIsoTime, signalNameCharsMax } from '@millrace/contracts';
import type { Point } from '@millrace/timeseries';
import { z } from 'zod';

/** As many as fit on a page; each is a question to Redis. */
const devicesPerQuestionMax = 50;
/** A statement with the longest names fits into the head of a request to the store. */
const signalsPerQuestionMax = 20;
/** About half a megabyte of JSON, and more than a chart has pixels; below what a query may ask of the store. */
const pointsPerAnswerMax = 5_000;

export const deviceUid = z.string().regex(deviceUidPattern).describe('Immutable id of the device.');
export const signalName = z.string().min(1).max(signalNameCharsMax).describe('Name of the signal, as in the points.');

export const time = z.iso.datetime({ precision: 6 }).describe('ISO 8601, UTC, microseconds.');
export const requestTime = z
  .string()
  .max(35)
  .refine((text) => microsOfIsoTime(text) !== undefined, 'must be ISO 8601 with a zone');

/** `a,b,c`: what a page shows at a time. */
export const deviceUids = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(deviceUid).min(1).max(devicesPerQuestionMax))
  .describe('Uids of devices, separated by commas; those that do not exist are left out.');

/** Repeated: a name may hold any character, also a comma. */
export const signalNames = z
  .union([signalName.transform((name) => [name]), z.array(signalName).max(signalsPerQuestionMax)])
  .describe('Name of a signal; repeat it for several. Default: all.');

export const pointsQuery = z.strictObject({
  from: requestTime.optional().describe('Inclusive, ISO 8601; default: an hour before `to`.'),
  to: requestTime.optional().describe('Exclusive, ISO 8601; default: now.'),
  limit: z.coerce.number().int().min(1).max(pointsPerAnswerMax).default(1_000),
  order: z.enum(['oldest', 'newest']).default('oldest').describe('Which point comes first.'),
});

export const pointValue = z.union([z.number(), z.string(), z.boolean(), z.null()]);

export const pointAnswer = z
  .strictObject({
    time,
    value: pointValue,
    quality: z.int().describe('0 is good.'),
    receivedAt: time,
  })
  .meta({ id: 'Point' });

export const latestAnswer = z
  .strictObject({ device: deviceUid, signals: z.record(z.string(), pointAnswer) })
  .meta({ id: 'LatestValues' });

export const pointsAnswer = z
  .strictObject({
    points: z.array(pointAnswer),
    complete: z.boolean().describe('False: there are more than `limit` in this time.'),
  })
  .meta({ id: 'Points' });

export function pointOf({ timeMicros, value, quality, receivedAtMicros }: Point): z.infer<typeof pointAnswer> {
  return { time: isoTimeOf(timeMicros), value, quality, receivedAt: isoTimeOf(receivedAtMicros) };
}
