/** The variables that every service has. */
import { hostname } from 'node:os';
import { logLevels } from '@millrace/observe';
import * as z from 'zod';

const brokers = z
  .string()
  .regex(/^[^\s,]+:\d+(,[^\s,]+:\d+)*$/, 'expected host:port, several separated by commas')
  .transform((text) => text.split(','));

export const commonVariables = {
  /** Some brokers as `host:port`, separated by commas. */
  MILLRACE_KAFKA_BROKERS: brokers,
  /** Base address of the registry's Confluent API. */
  MILLRACE_REGISTRY_URL: z.url(),
  /** Where health, metrics and accounting answer. 0: any free port. */
  MILLRACE_HTTP_HOST: z.string().default('127.0.0.1'),
  MILLRACE_HTTP_PORT: z.coerce.number().int().min(0).max(65_535),
  /** Tells instances of a service apart, in logs, accounting and messages. */
  MILLRACE_INSTANCE: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, 'expected up to 64 letters, digits, dots, underscores and hyphens')
    .default(() => `${hostname().slice(0, 48)}-${process.pid}`),
  MILLRACE_LOG_LEVEL: z.enum(logLevels).default('info'),
  /** False: topics and schemas must be there already; what is missing is named. */
  MILLRACE_TOPICS_CREATE: z.stringbool().default(true),
} as const;

export type CommonEnvironment = z.output<z.ZodObject<typeof commonVariables>>;
