/** What a schema found wrong, as our error: for `new StandardSchemaValidationPipe({ exceptionFactory: invalidFields })`. */
import { MillraceError } from '@millrace/contracts';

interface Issue {
  readonly message: string;
  readonly path?: readonly unknown[] | undefined;
  /** zod's. */
  readonly code?: string;
}

export function invalidFields(issues: readonly Issue[]): MillraceError {
  const errors = issues.map((issue) => ({
    field: issue.path?.map(String).join('.') ?? '',
    code: issue.code ?? 'invalid',
    detail: issue.message,
  }));
  const [first] = errors;
  return new MillraceError('invalid_field', `${first?.field || 'The body'}: ${first?.detail}`, { errors });
}
