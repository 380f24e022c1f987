/** Variables of the statistics scheduler beside the common ones. */
import type { CommonEnvironment } from '@millrace/platform';
import { z } from 'zod';

export const statisticsSchedulerVariables = {
  /** `http://host:port` of QuestDB, where the points are. */
  MILLRACE_QUESTDB_URL: z.url({ protocol: /^http$/ }),
  /** `redis://host:port` of the Redis with the queue of runs; it has to run without eviction. */
  MILLRACE_REDIS_URL: z.url({ protocol: /^rediss?$/ }),
  /** Instances of one queue share the work. Another one evaluates everything again, which changes nothing. */
  MILLRACE_STATISTICS_QUEUE: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,100}$/, 'expected letters, digits, dots, underscores and hyphens')
    .default('statistics'),
} as const;

export type StatisticsSchedulerEnvironment = CommonEnvironment &
  z.output<z.ZodObject<typeof statisticsSchedulerVariables>>;
