/** The form of an answer that says what went wrong (RFC 9457). */
import { errorKinds } from '@millrace/contracts';
import { z } from 'zod';

export const problemAnswer = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(Object.keys(errorKinds) as [string, ...string[]]),
    retry: z.enum(['now', 'later', 'never']),
    errors: z.array(z.strictObject({ field: z.string(), code: z.string(), detail: z.string() })).optional(),
    quota: z
      .strictObject({ name: z.string(), limit: z.number(), retryAfterSeconds: z.int().nullable() })
      .optional()
      .describe('Of quota_exceeded: the limit that was reached.'),
  })
  .meta({ id: 'Problem' });
