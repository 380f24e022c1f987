/** Calls a URL that a person has configured: at the address that was checked, without following redirects, within limits. */
import { lookup as resolve } from 'node:dns';
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { type ErrorCode, MillraceError } from '@millrace/contracts';
import { isPublic } from './address-guard.ts';

/** Answers of interfaces are some hundred bytes. */
const answerBytesMax = 64 * 1024;

export interface OutboundLimits {
  readonly connectionsMax: number;
  /** From the first name to the last byte. */
  readonly callMsMax: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
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
  constructor(allowed: readonly string[], limits: OutboundLimits, unavailable: UnavailableCode) {
    this.#allowed = new Set(allowed);
    this.#limits = limits;
    this.#unavailable = unavailable;
    const options = { keepAlive: true, maxSockets: limits.connectionsMax };
    this.#http = new HttpAgent(options);
    this.#https = new HttpsAgent(options);
  }

  /**
   * The answer, whatever its status. Throws `configuration_invalid` for an address that may not be called, the code of the instance when
   * there is no answer, and the signal's reason when it was aborted.
   */
  postJson(url: URL, body: unknown, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#within(url, Buffer.from(JSON.stringify(body)), signal);
  }

  /** As `postJson`. */
  get(url: URL, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#within(url, undefined, signal);
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  async #within(url: URL, body: Buffer | undefined, signal: AbortSignal): Promise<HttpAnswer> {
    signal.throwIfAborted();
    const late = AbortSignal.timeout(this.#limits.callMsMax);
    try {
      return await this.#call(url, body, AbortSignal.any([signal, late]));
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

  async #call(url: URL, body: Buffer | undefined, signal: AbortSignal): Promise<HttpAnswer> {
    const trusted = this.#allowed.has(`${url.hostname}:${url.port || defaultPorts[url.protocol]}`);
    const secure = url.protocol === 'https:';
    if (!secure && !(trusted && url.protocol === 'http:')) throw forbidden(url.host, 'only https:// may be called');
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    // A name is checked when it is resolved; an address is never resolved.
    if (!trusted && isIP(host) !== 0 && !isPublic(host)) throw notPublic(url.host);
    const headers = body && { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length };
    const checked = trusted ? {} : { lookup: publicLookup };
    const options = {
      method: body ? 'POST' : 'GET',
      headers: headers ?? {},
      signal,
      agent: secure ? this.#https : this.#http,
      ...checked,
    };
    const { promise, resolve: answered, reject } = Promise.withResolvers<IncomingMessage>();
    const request = (secure ? requestHttps : requestHttp)(url, options, answered);
    request.on('error', reject);
    request.end(body);
    const response = await promise;
    return { status: response.statusCode ?? 0, body: await textOf(response) };
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

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > answerBytesMax) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
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
