/** Reads the configuration of a process from its environment, once, at the start. */
import { type FieldError, MillraceError } from '@millrace/contracts';
import * as z from 'zod';

const prefix = 'MILLRACE_';

/**
 * Checks the `MILLRACE_*` variables against a shape whose keys are the full names. Other variables are not looked at.
 * Throws `configuration_invalid` naming every variable that is unknown, missing or wrong, never its value: it may be a secret.
 */
export function parseEnvironment<Shape extends z.ZodRawShape>(
  shape: Shape,
  environment: NodeJS.ProcessEnv,
): z.output<z.ZodObject<Shape, z.core.$strict>> {
  const ours = Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith(prefix)));
  const result = z.strictObject(shape).safeParse(ours);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap((issue) => fieldErrorsOf(issue, ours));
  const [first] = errors;
  const more = errors.length > 1 ? ` (${errors.length - 1} more, see errors)` : '';
  throw new MillraceError('configuration_invalid', `${first?.field}: ${first?.detail}${more}`, { errors });
}

function fieldErrorsOf(issue: z.core.$ZodIssue, ours: NodeJS.ProcessEnv): readonly FieldError[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((field) => ({
      field,
      code: 'unknown_variable',
      detail: 'this service has no such variable; correct its name or unset it.',
    }));
  const field = String(issue.path[0]);
  if (ours[field] === undefined) return [{ field, code: 'missing_variable', detail: 'set this variable.' }];
  return [{ field, code: 'wrong_value', detail: `correct its value: ${issue.message}.` }];
}
