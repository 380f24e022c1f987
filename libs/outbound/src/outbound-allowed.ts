/** The operator's exceptions, as an environment variable. */
import { z } from 'zod';

/** Of `MILLRACE_OUTBOUND_ALLOWED`: comma-separated `host:port` that may be called although they are private or without TLS. */
export const outboundAllowed = z
  .string()
  .regex(/^([^\s,/:]+:\d{1,5}(,[^\s,/:]+:\d{1,5})*)?$/, 'give host:port, separated by commas')
  .default('')
  .transform((text) => text.split(','));
