/** Settings of a configured channel meet the member's schema once, when the channel is opened. */
import { MillraceError } from '@millrace/contracts';
import type { z } from 'zod';

/** Throws `configuration_invalid` naming the wrong setting. */
export function parseSettings<T>(
  kind: string,
  schema: z.ZodType<T>,
  settings: Readonly<Record<string, string>>,
  group: 'settings' | 'secrets' = 'settings',
): T {
  const result = schema.safeParse(settings);
  if (result.success) return result.data;
  const errors = result.error.issues.map((issue) => ({
    field: [group, ...issue.path.map(String), ...(issue.code === 'unrecognized_keys' ? issue.keys : [])].join('.'),
    code: issue.code,
    detail: issue.message,
  }));
  const detail = `Correct the ${group} of the ${kind} channel: ${errors[0]?.field}: ${errors[0]?.detail}`;
  throw new MillraceError('configuration_invalid', detail, { errors });
}
