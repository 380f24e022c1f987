/**
 * Hands requests on to another process of the installation, with a signed principal in place of the caller's key, and its answer
 * back as it is. A process that does not answer is left alone for a while.
 */
import { principalHeader, type PrincipalSigner } from '@millrace/auth';
import { asMillraceError, MillraceError } from '@millrace/contracts';
import { Breaker, type Clock } from '@millrace/kernel';
import type { Caller } from './access.ts';
import { Places } from './places.ts';

/** A change waits for Kafka and for its owner; longer than both may take. */
const answerMsMax = 15_000;

/** Each holds a socket and a body of up to a megabyte; of one tenant, so that it leaves room for the others. */
const forwardedMax = 200;
const ofTenantMax = 50;

const breakerLimits = { resetMs: 1_000, failuresMin: 3, isFailure: () => true } as const;

/** As a client sends them, and as it gets them. */
const sentHeaders = ['content-type', 'if-match', 'idempotency-key'] as const;
const answeredHeaders = [
  'content-type',
  'etag',
  'location',
  'retry-after',
  'cache-control',
  'millrace-offset',
] as const;

export interface ForwardTarget {
  /** `http://host:port` */
  readonly url: string;
  /** The instance that is meant; null: any that answers there. */
  readonly instance: string | null;
}

/** The part of a Fastify request that is used here. */
export interface ForwardedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface ForwardedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The part of a Fastify reply that is used here. */
export interface ForwardingReply {
  status(code: number): unknown;
  header(name: string, value: string): unknown;
}

/** It did not answer. */
export class InstanceUnavailable extends MillraceError {
  /** The request may have had its effect; false: it was never sent. */
  readonly mayHaveArrived: boolean;

  /** `instance`: null: any. Where it stands is in the cause: whoever asks is not told addresses. */
  constructor(instance: string | null, mayHaveArrived: boolean, cause: unknown) {
    const who = instance === null ? 'A client manager' : `The instance ${instance} of the client manager`;
    const advice = mayHaveArrived
      ? 'Whether it has done what you asked is not known: read it, then repeat.'
      : 'Repeat it.';
    super('instance_unavailable', `${who} does not answer. ${advice}`, { cause });
    this.mayHaveArrived = mayHaveArrived;
  }
}

export class Forwarding {
  readonly #signer: PrincipalSigner;
  readonly #by: string;
  readonly #clock: Clock;
  readonly #places = new Places({
    max: forwardedMax,
    ofTenantMax,
    refusal: 'Too many requests wait for other instances; try again.',
  });
  /** By address; an installation has few. */
  readonly #breakers = new Map<string, Breaker>();

  /** `by`: this instance. */
  constructor(signer: PrincipalSigner, by: string, clock: Clock) {
    this.#signer = signer;
    this.#by = by;
    this.#clock = clock;
  }

  /**
   * Any answer, also one that tells of an error. Throws `InstanceUnavailable`, `overloaded` when too many wait, and `malformed_request`
   * for a target that is not a path.
   */
  async send(
    { url, instance }: ForwardTarget,
    { tenant, key }: Pick<Caller, 'tenant' | 'key'>,
    request: ForwardedRequest,
    msMax = answerMsMax,
  ): Promise<ForwardedAnswer> {
    const path = sentPathOf(request.url);
    const done = new AbortController();
    this.#places.enter(tenant, done.signal);
    try {
      const principal = { tenant, keyId: key.keyId, scopes: key.scopes, by: this.#by, to: instance };
      const { method } = request;
      const body = request.body ?? undefined;
      const signature = this.#signer.sign(principal, { method, path, body }, this.#clock.nowMs());
      return await this.#breakerOf(url).run(() => exchange(url, { ...request, url: path, body }, signature, msMax));
    } catch (error) {
      throw new InstanceUnavailable(instance, mayHaveArrived(error), error);
    } finally {
      done.abort();
    }
  }

  #breakerOf(url: string): Breaker {
    const breaker = this.#breakers.get(url) ?? new Breaker(url, { ...breakerLimits, openCode: 'instance_unavailable' });
    this.#breakers.set(url, breaker);
    return breaker;
  }
}

/** Makes an answer of another process that of this one. What is given is the body. */
export function relay({ status, headers, text }: ForwardedAnswer, reply: ForwardingReply): string | undefined {
  reply.status(status);
  for (const [name, value] of Object.entries(headers)) reply.header(name, value);
  return text === '' ? undefined : text;
}

/** As `fetch` sends it, so that what is signed is what arrives: without dot segments, and escaped. */
function sentPathOf(target: string): string {
  if (!/^\/(?!\/)/.test(target))
    throw new MillraceError(
      'malformed_request',
      'The target of a request begins with exactly one slash: send the path.',
    );
  const { pathname, search } = new URL(`http://any${target}`);
  return pathname + search;
}

async function exchange(
  base: string,
  { method, url: path, body, headers }: ForwardedRequest,
  signature: string,
  msMax: number,
): Promise<ForwardedAnswer> {
  const kept = sentHeaders
    .filter((name) => name !== 'content-type' || body !== undefined)
    .flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : []));
  const response = await fetch(base.replace(/\/+$/, '') + path, {
    method,
    headers: { ...(Object.fromEntries(kept) as Record<string, string>), [principalHeader]: signature },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    redirect: 'error',
    signal: AbortSignal.timeout(msMax),
  });
  const found = answeredHeaders.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return {
    status: response.status,
    headers: Object.fromEntries(found) as Record<string, string>,
    text: await response.text(),
  };
}

/** Errors before a connection stood. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function mayHaveArrived(error: unknown): boolean {
  if (asMillraceError(error).code === 'instance_unavailable') return false;
  const { cause } = error as { readonly cause?: { readonly code?: unknown } };
  return !neverSent.has(String(cause?.code));
}
