/** Every HTTP error leaves as RFC 9457 problem details with our code and retry. */
import { asMillraceError, type ErrorCode, MillraceError } from '@millrace/contracts';
import type { Log } from '@millrace/observe';
import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import { LOG } from './tokens.ts';

interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body: object): void;
}

/** How long a client should wait with what may be tried again: limits clear within a second, guesses are forgotten in a minute. */
const secondsByStatus: Readonly<Record<number, number>> = { 429: 60, 503: 1 };

@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log: Log;

  constructor(@Inject(LOG) log: Log) {
    this.#log = log;
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const error = problemErrorOf(thrown);
    if (error.code === 'internal') this.#log.write('error', 'A request failed.', { error: thrown });
    const reply = host.switchToHttp().getResponse<Reply>();
    if (error.status === 401) reply.header('www-authenticate', 'Basic realm="millrace", Bearer');
    const seconds = error.quota ? error.quota.retryAfterSeconds : secondsByStatus[error.status];
    if (seconds != null) reply.header('retry-after', String(seconds));
    reply.status(error.status).header('content-type', 'application/problem+json').send(error.toProblem());
  }
}

/** What Nest and Fastify throw by themselves, by its status. */
const codesByStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'malformed_body',
  401: 'unauthenticated',
  403: 'not_allowed',
  404: 'not_found',
  405: 'not_found',
  413: 'body_too_large',
  415: 'unsupported_media_type',
  503: 'not_ready',
};

function problemErrorOf(thrown: unknown): MillraceError {
  if (thrown instanceof MillraceError || !(thrown instanceof Error)) return asMillraceError(thrown);
  const code = codesByStatus[statusOf(thrown)];
  return code ? new MillraceError(code, thrown.message, { cause: thrown }) : asMillraceError(thrown);
}

/** Nest has a method for it, Fastify a field. */
function statusOf(error: Error): number {
  if ('getStatus' in error && typeof error.getStatus === 'function') return Number(error.getStatus());
  return 'statusCode' in error ? Number(error.statusCode) : 500;
}
