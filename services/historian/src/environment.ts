/** Variables of the historian beside the common ones. */
import type { CommonEnvironment } from '@millrace/platform';
import { z } from 'zod';

export const historianVariables = {
  /** `http://host:port` of QuestDB. */
  MILLRACE_QUESTDB_URL: z.url({ protocol: /^http$/ }),
  /** `redis://host:port` of the Redis with the latest values. */
  MILLRACE_REDIS_URL: z.url({ protocol: /^rediss?$/ }),
  /** Consumer group; instances of one group share the work. Another one stores everything again, which changes nothing. */
  MILLRACE_HISTORIAN_GROUP: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,200}$/, 'expected letters, digits, dots, underscores and hyphens')
    .default('millrace.historian'),
} as const;

export type HistorianEnvironment = CommonEnvironment & z.output<z.ZodObject<typeof historianVariables>>;
