/** The parts of requests and answers that are alike for all kinds of entities. */
import { z } from 'zod';
import type { ResourceDefinition } from './resource-definitions.ts';

const itemsPerPageMax = 1_000;
const searchCharsMax = 128;
const filterCharsMax = 256;
const cursorCharsMax = 1_024;

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
