/** The parser's own variables. */
import { commonVariables } from '@millrace/platform';
import * as z from 'zod';

export const parserVariables = {
  /** Consumer group; instances of one group share the work. Another one starts from the first raw message there is. */
  MILLRACE_PARSER_GROUP: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,200}$/, 'expected letters, digits, dots, underscores and hyphens')
    .default('millrace.parser'),
  /** Processes that run scripts: tenants are spread over them, so that one never waits for another's of a different process. */
  MILLRACE_SANDBOX_PROCESSES: z.coerce.number().int().min(1).max(64).default(1),
} as const;

const allVariables = z.object({ ...commonVariables, ...parserVariables });

export type ParserEnvironment = z.output<typeof allVariables>;
