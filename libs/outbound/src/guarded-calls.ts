/** Calls a URL that a person has configured: at the address that was checked, without following redirects, within limits. */
import { lookup as resolve } from 'node:dns';
import {
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as requestHttp,
} from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { type ErrorCode, MillraceError } from '@millrace/contracts';
import { isPublic } from './address-guard.ts';

/** Answers of interfaces are some hundred bytes. */
const usualAnswerBytesMax = 64 * 1024;

export interface OutboundLimits {
  readonly connectionsMax: number;
  /** From the first name to the last byte. */
  readonly callMsMax: number;
  /** Default: 64 KiB. */
  readonly answerBytesMax?: number;
}

/** PEM texts; what is missing is that of the system, or not shown. */
export interface OutboundTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

export interface WholeHttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Asked {
  readonly method: 'GET' | 'POST';
  readonly headers: OutgoingHttpHeaders;
  readonly body?: Buffer;
}

/** What the callers of an instance call: the code of an error that another attempt may help against. */
type UnavailableCode = Extract<ErrorCode, `${string}_unavailable`>;

export class GuardedCalls {
  readonly #allowed: ReadonlySet<string>;
  readonly #limits: OutboundLimits;
  readonly #unavailable: UnavailableCode;
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;

  /** `allowed`: `host:port` that the operator trusts; only these may be private, or without TLS. `unavailable`: thrown when there is no answer. */
  constructor(allowed: readonly string[], limits: OutboundLimits, unavailable: UnavailableCode, tls: OutboundTls = {}) {
    this.#allowed = new Set(allowed);
    this.#limits = limits;
    this.#unavailable = unavailable;
    const options = { keepAlive: true, maxSockets: limits.connectionsMax };
    this.#http = new HttpAgent(options);
    this.#https = new HttpsAgent({ ...options, ...tls });
  }

  /**
   * The answer, whatever its status. Throws `configuration_invalid` for an address that may not be called, the code of the instance when
   * there is no answer, and the signal's reason when it was aborted.
   */
  async postJson(url: URL, value: unknown, signal: AbortSignal): Promise<HttpAnswer> {
    const body = Buffer.from(JSON.stringify(value));
    const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length };
    return textOf(await this.#within(url, { method: 'POST', headers, body }, signal));
  }

  /** As `postJson`. */
  async get(url: URL, signal: AbortSignal): Promise<HttpAnswer> {
    return textOf(await this.fetch(url, {}, signal));
  }

  /** As `get`, with headers in both directions and the bytes as they came. */
  fetch(url: URL, headers: OutgoingHttpHeaders, signal: AbortSignal): Promise<WholeHttpAnswer> {
    return this.#within(url, { method: 'GET', headers }, signal);
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  async #within(url: URL, asked: Asked, signal: AbortSignal): Promise<WholeHttpAnswer> {
    signal.throwIfAborted();
    const late = AbortSignal.timeout(this.#limits.callMsMax);
    try {
      return await this.#call(url, asked, AbortSignal.any([signal, late]));
    } catch (error) {
      signal.throwIfAborted();
      const refused = refusalIn(error);
      if (refused) throw refused;
      const detail = late.aborted
        ? `there was no answer within ${this.#limits.callMsMax} ms`
        : (error as Error).message;
      throw new MillraceError(this.#unavailable, `Check ${url.host}: ${detail}.`, { cause: error });
    }
  }

  async #call(url: URL, { method, headers, body }: Asked, signal: AbortSignal): Promise<WholeHttpAnswer> {
    const trusted = this.#allowed.has(`${url.hostname}:${url.port || defaultPorts[url.protocol]}`);
    const secure = url.protocol === 'https:';
    if (!secure && !(trusted && url.protocol === 'http:')) throw forbidden(url.host, 'only https:// may be called');
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    // A name is checked when it is resolved; an address is never resolved.
    if (!trusted && isIP(host) !== 0 && !isPublic(host)) throw notPublic(url.host);
    const checked = trusted ? {} : { lookup: publicLookup };
    const options = {
      method,
      headers,
      signal,
      agent: secure ? this.#https : this.#http,
      ...checked,
    };
    const { promise, resolve: answered, reject } = Promise.withResolvers<IncomingMessage>();
    const request = (secure ? requestHttps : requestHttp)(url, options, answered);
    request.on('error', reject);
    request.end(body);
    const response = await promise;
    const { statusCode: status = 0 } = response;
    const bytesMax = this.#limits.answerBytesMax ?? usualAnswerBytesMax;
    return { status, headers: response.headers, body: await bytesOf(response, bytesMax) };
  }
}

const defaultPorts: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' };

/** Resolves a name to its addresses, all of which must be public; the connection is made to one of these, not to a later answer. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    const [first] = addresses;
    if (!first || !addresses.every(({ address }) => isPublic(address))) return callback(notPublic(hostname), '', 0);
    if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

function textOf({ status, body }: WholeHttpAnswer): HttpAnswer {
  return { status, body: body.toString('utf8') };
}

async function bytesOf(response: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new Error(`the answer is too long: more than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function notPublic(host: string): MillraceError {
  return forbidden(host, 'its address is not public, and the operator has not allowed it (MILLRACE_OUTBOUND_ALLOWED)');
}

function forbidden(host: string, why: string): MillraceError {
  return new MillraceError('configuration_invalid', `Configure another address than ${host}: ${why}.`);
}

/** What the guard threw, wherever Node has put it. */
function refusalIn(error: unknown): MillraceError | undefined {
  if (error instanceof MillraceError) return error;
  if (error instanceof AggregateError) return error.errors.map(refusalIn).find((one) => one !== undefined);
  return undefined;
}
