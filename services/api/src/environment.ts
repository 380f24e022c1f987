/** Variables of the api beside the common ones. */
import type { CommonEnvironment } from '@millrace/platform';
import { z } from 'zod';

const addresses = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.url()));

export const apiVariables = {
  /** Hashes of credentials are keyed with it; the same for all services of an installation. */
  MILLRACE_SECRET_KEY: z.string().min(1),
  /** A key with all scopes, `id.secret`; without it the first start prints one that is good for an hour. */
  MILLRACE_ADMIN_KEY: z.string().optional(),
  MILLRACE_QUESTDB_URL: z.url(),
  MILLRACE_REDIS_URL: z.url(),
  /** `postgres://user:password@host:port/database` of the configuration; the user owns the database. */
  MILLRACE_POSTGRES_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** Services that are asked for their accounting and for scripts that rest, as `http://host:port`, separated by commas. */
  MILLRACE_ACCOUNTING_URLS: addresses.default([]),
  /** Client managers, as `http://host:port`, separated by commas: the next one is asked when one does not answer. */
  MILLRACE_CLIENT_MANAGER_URLS: addresses.default([]),
} as const;

export type ApiEnvironment = CommonEnvironment & z.output<z.ZodObject<typeof apiVariables>>;
