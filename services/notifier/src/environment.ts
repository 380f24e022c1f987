/** The notifier's own variables: those of the channels, and the group. */
import { channelEnvironment } from '@millrace/channels';
import type { CommonEnvironment } from '@millrace/platform';
import * as z from 'zod';

export const notifierVariables = {
  ...channelEnvironment,
  /** Opens the channels' secrets; the same for all services of an installation. */
  MILLRACE_SECRET_KEY: z.string().min(1),
  /** Consumer group; instances of one group share the work. Another one tells everything of the last day that nobody was told. */
  MILLRACE_NOTIFIER_GROUP: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,200}$/, 'expected letters, digits, dots, underscores and hyphens')
    .default('millrace.notifier'),
} as const;

export type NotifierEnvironment = CommonEnvironment & z.output<z.ZodObject<typeof notifierVariables>>;
