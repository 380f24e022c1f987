/** What an error of PostgreSQL means to who asked. Codes: https://www.postgresql.org/docs/18/errcodes-appendix.html */
import { MillraceError } from '@millrace/contracts';
import pg from 'pg';

const foreignKeyViolation = '23503';
const uniqueViolation = '23505';
const serializationFailure = '40001';
const deadlock = '40P01';
/** Connection exceptions, and those of a server that is starting, stopping or full. */
const away = /^(08|57P0|53)/;

/** A MillraceError as it is; a breach of what the tables say as the caller's mistake; everything else as the database being away. */
export function databaseError(error: unknown): unknown {
  if (error instanceof MillraceError) return error;
  if (!(error instanceof pg.DatabaseError)) return isConnectionError(error) ? unavailable(error) : error;
  const { code = '', detail = '', table = '' } = error;
  if (code === uniqueViolation)
    return new MillraceError('already_exists', `${what(table)}: ${sentence(detail)}`, { cause: error });
  if (code === foreignKeyViolation && detail.includes('still referenced'))
    return new MillraceError('in_use', `${sentence(detail)} Remove what refers to it first.`, { cause: error });
  if (code === foreignKeyViolation)
    return new MillraceError('unknown_reference', `${what(table)}: ${sentence(detail)}`, { cause: error });
  if (code === serializationFailure || code === deadlock)
    return new MillraceError('conflict', 'Another change came in between; read it again and repeat yours.', {
      cause: error,
    });
  return away.test(code) ? unavailable(error) : error;
}

function unavailable(cause: unknown): MillraceError {
  return new MillraceError('database_unavailable', 'PostgreSQL does not answer; try again in a moment.', { cause });
}

/** Of the socket, or of the pool that waited for one. */
function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)) return true;
  return /connection (terminated|timeout)|timeout (exceeded|expired)|not queryable/i.test(error.message);
}

const what = (table: string): string => table.replaceAll('_', ' ');

function sentence(detail: string): string {
  return detail === '' || detail.endsWith('.') ? detail : `${detail}.`;
}
