/** Variables of the gateway beside the common ones. */
import { outboundAllowed } from '@millrace/outbound';
import type { CommonEnvironment } from '@millrace/platform';
import { z } from 'zod';

export const gatewayVariables = {
  /** Hashes of credentials are keyed with it; the same for all services of an installation. */
  MILLRACE_SECRET_KEY: z.string().min(1),
  /** Beside the public internet: from whom the keys of token issuers may be fetched. */
  MILLRACE_OUTBOUND_ALLOWED: outboundAllowed,
  /** How long a token of `POST /v1/token` opens, and how long it can be refreshed before the password is asked for again. */
  MILLRACE_GATEWAY_ACCESS_TOKEN_SECONDS: z.coerce.number().int().min(60).max(86_400).default(3_600),
  MILLRACE_GATEWAY_REFRESH_TOKEN_SECONDS: z.coerce
    .number()
    .int()
    .min(60)
    .max(366 * 86_400)
    .default(30 * 86_400),
  /** Where devices send to; apart from the port for operators, so that only this one faces the network. */
  MILLRACE_GATEWAY_HTTP_HOST: z.string().default('127.0.0.1'),
  MILLRACE_GATEWAY_HTTP_PORT: z.coerce.number().int().min(0).max(65_535),
  /** Without a port nobody listens for TCP. */
  MILLRACE_GATEWAY_TCP_HOST: z.string().default('127.0.0.1'),
  MILLRACE_GATEWAY_TCP_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  /** The same over TLS, on the same hosts, with a certificate and its key in PEM files; each listens if it has a port. */
  MILLRACE_GATEWAY_HTTPS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  MILLRACE_GATEWAY_TCPS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  MILLRACE_GATEWAY_TLS_CERTIFICATE_FILE: z.string().min(1).optional(),
  MILLRACE_GATEWAY_TLS_KEY_FILE: z.string().min(1).optional(),
} as const;

export type GatewayEnvironment = CommonEnvironment & z.output<z.ZodObject<typeof gatewayVariables>>;
