/** Variables of the client manager beside the common ones. */
import type { CommonEnvironment } from '@millrace/platform';
import { z } from 'zod';

export const clientManagerVariables = {
  /** Seals the connections' passwords; the same for all services of an installation. */
  MILLRACE_SECRET_KEY: z.string().min(1),
  /** Folder with `connections.json` beside the other configuration files. */
  MILLRACE_CONFIG_DIR: z.string().min(1),
} as const;

export type ClientManagerEnvironment = CommonEnvironment & z.output<z.ZodObject<typeof clientManagerVariables>>;
