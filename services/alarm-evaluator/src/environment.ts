/** The evaluator's own variables. */
import { commonVariables } from '@millrace/platform';
import * as z from 'zod';

const kafkaName = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,200}$/, 'expected letters, digits, dots, underscores and hyphens');

export const evaluatorVariables = {
  /** Consumer group; instances of one group share the work. Another one starts from the first point there is. */
  MILLRACE_ALARM_EVALUATOR_GROUP: kafkaName.default('millrace.alarm-evaluator'),
  /** Prefix of the transactional ids; another group needs another one, or the two fence each other. */
  MILLRACE_ALARM_EVALUATOR_TRANSACTIONS: kafkaName.default('millrace.alarm-evaluator'),
} as const;

const allVariables = z.object({ ...commonVariables, ...evaluatorVariables });

export type EvaluatorEnvironment = z.output<typeof allVariables>;
