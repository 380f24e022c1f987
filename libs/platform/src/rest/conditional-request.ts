/** The parts of requests that say what is meant: the version that was seen (RFC 9110, 13), and the attempt that is repeated. */
import { MillraceError } from '@millrace/contracts';
import type { z } from 'zod';

const keyCharsMax = 255;

/** `If-Match`: the revision that the caller has seen; undefined: whatever there is. */
export type Expected = bigint | undefined;

/** For `ApiHeader`. */
export const ifMatch = {
  name: 'If-Match',
  required: false,
  description: 'ETag of the version that is meant: any other is refused.',
};

/** For `ApiHeader`. */
export const idempotencyKey = {
  name: 'Idempotency-Key',
  required: false,
  description: 'The same request with the same key creates nothing more.',
};

/** The revision in `If-Match`; undefined without it, and for `*`. Throws `precondition_failed` for what never was one of ours. */
export function expectedRevision(header: string | undefined): Expected {
  if (header === undefined || header.trim() === '*') return undefined;
  const revision = /^\s*"(\d{1,18})"\s*$/.exec(header)?.[1];
  if (revision === undefined)
    throw new MillraceError('precondition_failed', 'If-Match must be the ETag of an answer, with its quotes.');
  return BigInt(revision);
}

export function etagOf({ revision }: { readonly revision: bigint }): string {
  return `"${revision}"`;
}

/** Throws `invalid_field` for one that cannot be remembered. */
export function idempotencyKeyOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (header.length > 0 && header.length <= keyCharsMax && /^[\x21-\x7e]+$/.test(header)) return header;
  throw new MillraceError('invalid_field', `Idempotency-Key must be 1 to ${keyCharsMax} visible ASCII characters.`);
}

/**
 * A schema that stands in the OpenAPI document and lets everything through: what checks the body needs the tenant, or the
 * entity that is patched.
 */
export function documented(schema: z.ZodType): Pick<z.ZodType, '~standard'> {
  const { jsonSchema } = schema['~standard'] as unknown as { readonly jsonSchema: unknown };
  return {
    '~standard': { version: 1, vendor: 'millrace', validate: (value: unknown) => ({ value }), jsonSchema },
  } as unknown as z.ZodType;
}
