/** What Fastify refuses before there is a route, in the form of all errors. */
import { MillraceError } from '@millrace/contracts';

/** The part of a Fastify reply that is used here. */
interface Reply {
  readonly raw: {
    writeHead(status: number, headers: Readonly<Record<string, string>>): { end(text: string): unknown };
  };
}

const sentences: Readonly<Record<string, string>> = {
  FST_ERR_BAD_URL: 'The path is not a path: what stands behind % is wrong.',
  FST_ERR_MAX_PARAM_LENGTH: 'A part of the path is too long.',
};

export function refuseUnroutable({ code = '' }: { readonly code?: string }, _request: unknown, reply: Reply): void {
  const error = new MillraceError('malformed_request', sentences[code] ?? 'The request cannot be read.');
  reply.raw
    .writeHead(error.status, { 'content-type': 'application/problem+json' })
    .end(JSON.stringify(error.toProblem()));
}
