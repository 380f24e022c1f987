/** Variables of the client manager beside the common ones. */
import type { CommonEnvironment } from '@millrace/platform';
import { outboundAllowed } from '@millrace/outbound';
import { z } from 'zod';

const ceiling = z.coerce.number().positive().optional();

export const clientManagerVariables = {
  /** Seals the connections' passwords and signs what instances forward; the same for all services of an installation. */
  MILLRACE_SECRET_KEY: z.string().min(1),
  /** Folder with `connections.json` beside the other configuration files, as a second writer beside the API. */
  MILLRACE_CONFIG_DIR: z.string().min(1).optional(),
  /** `redis://host:port`, what instances share: who is alive, and who has which connection. */
  MILLRACE_REDIS_URL: z.url(),
  /** Instances of one group share their connections; another installation on the same Redis needs another one. */
  MILLRACE_LEASE_GROUP: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/, 'must be 1 to 64 of a-z, 0-9 and -')
    .default('default'),
  /** An instance that gives no sign of life for so long has lost its connections; the same for all of a group. */
  MILLRACE_LEASE_TTL_MS: z.coerce.number().int().min(500).max(60_000).default(6_000),
  /** Where the other instances reach this one; by default its host and port. */
  MILLRACE_INSTANCE_URL: z.url().optional(),
  /** Most connections of this instance. */
  MILLRACE_CONNECTIONS_MAX: z.coerce.number().int().min(0).max(100_000).default(2_000),
  /** How many connections this instance begins in a second, so that a failover of thousands does not storm the brokers. */
  MILLRACE_CONNECTION_STARTS_PER_SECOND: z.coerce.number().positive().max(10_000).default(50),
  /** Above one of these the instance takes no more connections. Without a value there is no limit. */
  MILLRACE_MEMORY_MAX_MB: ceiling,
  /** Of one core: 150 is one and a half. */
  MILLRACE_CPU_MAX_PERCENT: ceiling,
  /** Kilobytes a second, received and sent, of all connections of the process. */
  MILLRACE_BANDWIDTH_MAX_KBPS: ceiling,
  /** Machines in private networks, and those without TLS, that may be polled over HTTP. */
  MILLRACE_OUTBOUND_ALLOWED: outboundAllowed,
} as const;

export type ClientManagerEnvironment = CommonEnvironment & z.output<z.ZodObject<typeof clientManagerVariables>>;
