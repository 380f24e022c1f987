/** QuestDB over HTTP with connections that stay open: lines in, statements and their rows out. */
import { Agent, type IncomingMessage, request, type RequestOptions } from 'node:http';
import { MillraceError } from '@millrace/contracts';
import { checkWriteAnswer } from './write-answer.ts';

/** A write that takes longer has not failed, it is unknown; QuestDB stores the repeat once. Far above any stall measured. */
const writeMsMax = 10_000;

/**
 * Nobody waits longer for a page. QuestDB 9.3.4 ends a query soon after its connection was closed; its own limit and the
 * header `Statement-Timeout` did not end the ones that were tried.
 */
const queryMsMax = 30_000;

/** QuestDB drops a connection whose head has more than half of 64,448 bytes. */
const pathCharsMax = 31_000;

/** One write per table and a few queries at a time; QuestDB has few workers. */
const connectionsMax = 8;

/** Bound of the memory one answer takes; callers limit the rows they ask for. */
const answerBytesMax = 64 * 1_024 * 1_024;

export type SqlValue = string | number | boolean | null;

interface Answer {
  readonly status: number;
  readonly body: string;
}

export class QuestDb {
  readonly #url: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: connectionsMax });

  /** `url`: `http://host:port`. */
  constructor(url: string) {
    this.#url = new URL(url);
  }

  /**
   * Stores lines of one table, all or none. The bytes must not change until the promise settles. The same lines may come
   * again. Throws `RowRejected` naming the first bad line; `store_unavailable` when it is not known to be stored.
   */
  async write(lines: Uint8Array, signal?: AbortSignal): Promise<void> {
    const { status, body } = await this.#send('POST', '/write?precision=u', lines, writeMsMax, signal);
    checkWriteAnswer(status, body);
  }

  /**
   * Runs one statement and gives the rows of its answer, none for DDL. An aborted signal closes the connection, which
   * ends the query in QuestDB. Throws `store_unavailable`, `invalid_field` for a statement with too many names in it,
   * `not_found` for a table that does not exist, or `internal` for another one that is refused.
   */
  async query(statement: string, signal?: AbortSignal): Promise<readonly (readonly SqlValue[])[]> {
    const path = `/exec?query=${encodeURIComponent(statement)}`;
    if (path.length > pathCharsMax) throw tooLong();
    const { status, body } = await this.#send('GET', path, undefined, queryMsMax, signal);
    if (status === 400) throw refusal(body);
    if (status !== 200) throw unavailable(`answered a query with ${status}`);
    const { dataset } = JSON.parse(body) as { readonly dataset?: readonly (readonly SqlValue[])[] };
    return dataset ?? [];
  }

  /** Closes the connections; what is under way fails with `store_unavailable`. */
  close(): void {
    this.#agent.destroy();
  }

  async #send(
    method: string,
    path: string,
    body: Uint8Array | undefined,
    msMax: number,
    signal?: AbortSignal,
  ): Promise<Answer> {
    signal?.throwIfAborted();
    const limit = AbortSignal.timeout(msMax);
    const options: RequestOptions = {
      agent: this.#agent,
      method,
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      headers: { 'content-length': body?.byteLength ?? 0 },
    };
    try {
      return await exchange(new URL(path, this.#url), options, body);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof MillraceError) throw error;
      throw unavailable(limit.aborted ? `did not answer within ${msMax} ms` : 'could not be reached', error);
    }
  }
}

/** One request and its answer. A connection that QuestDB closed while it lay idle says nothing about QuestDB: once more. */
async function exchange(url: URL, options: RequestOptions, body: Uint8Array | undefined): Promise<Answer> {
  const outgoing = request(url, options);
  try {
    const answered = Promise.withResolvers<IncomingMessage>();
    outgoing.once('response', answered.resolve);
    outgoing.on('error', answered.reject);
    outgoing.end(body);
    const incoming = await answered.promise;
    return { status: incoming.statusCode ?? 0, body: await readAnswer(incoming) };
  } catch (error) {
    if (outgoing.reusedSocket && isReset(error)) return exchange(url, options, body);
    throw error;
  }
}

async function readAnswer(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > answerBytesMax)
      throw unavailable(`answered with more than ${answerBytesMax} bytes; ask for fewer rows`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function isReset(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'EPIPE';
}

function unavailable(what: string, cause?: unknown): MillraceError {
  return new MillraceError('store_unavailable', `QuestDB ${what}.`, { cause });
}

function tooLong(): MillraceError {
  return new MillraceError('invalid_field', 'The names together are too long for one query; ask for fewer at a time.');
}

function refusal(body: string): MillraceError {
  const code = body.includes('table does not exist') ? 'not_found' : 'internal';
  return new MillraceError(code, `QuestDB refused a statement: ${body.slice(0, 1_000)}`);
}
