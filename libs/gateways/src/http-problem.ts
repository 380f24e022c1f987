/** Errors of HTTP in the form of RFC 9457. */
import type { Socket } from 'node:net';
import { asMillraceError, type ErrorCode, MillraceError } from '@millrace/contracts';
import type { FastifyReply } from 'fastify';
import { guessWindowMs } from './guess-limit.ts';

const problemType = 'application/problem+json';

/** Room comes back with the next confirmed batch, some milliseconds later; one second is the least the header can say. */
const retryAfterSeconds: Partial<Record<ErrorCode, number>> = {
  overloaded: 1,
  not_ready: 1,
  stream_unavailable: 5,
  issuer_unavailable: 5,
  too_many_attempts: guessWindowMs / 1000,
};

/** Fastify's errors that are the sender's. */
const codesOfFastify: Readonly<Record<string, { readonly code: ErrorCode; readonly detail: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'body_too_large', detail: 'Send less at once.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'unsupported_media_type', detail: 'Send application/json.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'malformed_body',
    detail: 'Content-Length is not the length of the body.',
  },
  FST_ERR_BAD_URL: { code: 'malformed_request', detail: 'The path is not a path.' },
  ECONNRESET: { code: 'malformed_body', detail: 'The sender left before the end of the body.' },
};

/** What a handler or Fastify threw, as an error of ours; `internal` for what nobody foresaw. */
export function httpError(thrown: unknown): MillraceError {
  const known = codesOfFastify[(thrown as { readonly code?: string } | null)?.code ?? ''];
  return known ? new MillraceError(known.code, known.detail, { cause: thrown }) : asMillraceError(thrown);
}

/** `extra`: members beside those of a problem. */
export function sendProblem(
  reply: FastifyReply,
  error: MillraceError,
  extra: Readonly<Record<string, string>> = {},
): FastifyReply {
  const seconds = error.quota?.retryAfterSeconds ?? retryAfterSeconds[error.code];
  if (seconds !== undefined) reply.header('retry-after', seconds);
  if (error.code === 'unauthenticated') reply.header('www-authenticate', 'Basic realm="millrace", charset="UTF-8"');
  return reply
    .code(error.status)
    .type(problemType)
    .send(JSON.stringify({ ...error.toProblem(), ...extra }));
}

/** OpenSSL's errors: there is no connection yet to say something on. */
function isHandshake({ code = '' }: NodeJS.ErrnoException): boolean {
  return code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS');
}

/** For what is no request at all (Node's `clientError`): there is nothing to reply with but the socket. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || isHandshake(error)) {
    socket.destroy();
    return;
  }
  const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const problem = late
    ? new MillraceError('request_timeout', 'The request did not arrive in time.')
    : new MillraceError('malformed_request', 'This is not an HTTP request, or its head is too large.');
  const body = JSON.stringify(problem.toProblem());
  const head = `HTTP/1.1 ${problem.status} ${late ? 'Request Timeout' : 'Bad Request'}`;
  const length = Buffer.byteLength(body);
  socket.end(
    `${head}\r\ncontent-type: ${problemType}\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n${body}`,
  );
}
