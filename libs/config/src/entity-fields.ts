/** Fields that several files of the configuration folder have. */
import { deviceUidPattern, isoTimeOf, signalNameCharsMax, tenantPattern } from '@millrace/contracts';
import { z } from 'zod';

/** Text for people: long enough for a sentence, short enough for a table cell. */
export const labelCharsMax = 256;
export const passwordCharsMax = 256;

export const tenant = z.string().regex(tenantPattern, 'must be [a-z][a-z0-9_]{1,31}');
export const deviceUid = z.string().regex(deviceUidPattern, 'must be [A-Za-z0-9._-]{1,64}');
export const identifier = z.string().regex(/^[a-z0-9-]{1,64}$/, 'must be [a-z0-9-]{1,64}');
export const label = z.string().max(labelCharsMax);
export const signalName = z.string().min(1).max(signalNameCharsMax);
/** More belong into a document that a text links to. */
const textsMax = 100;
export const boundedTexts = z
  .record(z.string().min(1).max(labelCharsMax), z.string().max(labelCharsMax))
  .refine((texts) => Object.keys(texts).length <= textsMax, `at most ${textsMax} members`)
  .default({});
/** First part of a key, public. */
export const keyId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be [A-Za-z0-9_-]{1,64}');
export const plainKey = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{16,128}$/, 'must be keyId.secret with 16 to 128 characters of secret');
export const hash = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be a SHA-256 in base64url');
/** Of a credential. Microseconds of times beyond have no exact number. */
const endsBefore = Date.UTC(2200, 0, 1);
export const endTime = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) >= 0 && Date.parse(text) < endsBefore, 'must be between 1970 and 2200');

/** An `endTime` as it is published; null: none. */
export function endMicrosOf(text: string | null): number | null {
  return text === null ? null : Date.parse(text) * 1000;
}

/** What is published with an end, in the form of a file. */
export function withEndTime({
  expiresAtMicros,
  ...rest
}: {
  readonly expiresAtMicros: number | null;
}): Readonly<Record<string, unknown>> {
  return { ...rest, expiresAt: endTimeOf(expiresAtMicros) };
}

/** The way back of `endMicrosOf`; rows of earlier versions lack members that came later. */
export function endTimeOf(micros: number | null | undefined): string | null {
  return micros == null ? null : isoTimeOf(micros);
}

/** At least this; publishing counts on from the published version when the content changed. */
export const version = z.int32().min(1).default(1);
