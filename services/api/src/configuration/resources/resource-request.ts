/** The parts of requests and answers that are alike for all kinds of entities. */
import { MillraceError } from '@millrace/contracts';
import { z } from 'zod';
import type { ResourceDefinition } from './resource-definitions.ts';
import type { Expected } from './resources.ts';

const itemsPerPageMax = 1_000;
const searchCharsMax = 128;
const filterCharsMax = 256;
const cursorCharsMax = 1_024;
const keyCharsMax = 255;

/** As long as other texts for people. */
const reasonCharsMax = 256;

/** Of requests that write scripts. */
export const overrideReason = z
  .string()
  .min(1)
  .max(reasonCharsMax)
  .optional()
  .describe('Why scripts are published although they fail their samples; kept with the version.');

/** What the query of a change may hold. */
export function changeQuerySchema({ entity }: ResourceDefinition): z.ZodObject {
  return entity === 'scripts' ? z.strictObject({ override: overrideReason }) : z.strictObject({});
}

/** Position of a change: `GET /v1/config/propagation?position=` tells when it is live everywhere. */
export const positionHeader = 'millrace-position';

/** `?productId=…&search=…&sort=-name&cursor=…&limit=…` */
export function listQuerySchema({ filters, sorts }: ResourceDefinition): z.ZodObject {
  const names = ['id', ...Object.keys(sorts)].flatMap((name) => [name, `-${name}`]);
  return z.strictObject({
    ...Object.fromEntries(Object.keys(filters).map((name) => [name, z.string().max(filterCharsMax).optional()])),
    search: z.string().min(1).max(searchCharsMax).optional().describe('Part of the id or of the name.'),
    sort: z
      .enum(names as [string, ...string[]])
      .default('id')
      .describe('With - in front: downwards.'),
    cursor: z.string().max(cursorCharsMax).optional().describe('`next` of the page before.'),
    limit: z.coerce.number().int().min(1).max(itemsPerPageMax).default(100),
  });
}

/** The revision in `If-Match`; undefined without it, and for `*`. Throws `precondition_failed` for what never was one of ours. */
export function expectedRevision(ifMatch: string | undefined): Expected {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined;
  const revision = /^\s*"(\d{1,18})"\s*$/.exec(ifMatch)?.[1];
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
export function documented(schema: z.ZodObject): Pick<z.ZodType, '~standard'> {
  const { jsonSchema } = schema['~standard'] as unknown as { readonly jsonSchema: unknown };
  return {
    '~standard': { version: 1, vendor: 'millrace', validate: (value: unknown) => ({ value }), jsonSchema },
  } as unknown as z.ZodType;
}
