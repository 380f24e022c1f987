/** Who may come in: programs and pages with an API key, each in its own tenant and with the scopes of its key. */
import { type CredentialHasher, endOfKeyMs, keyIdOf, parseAuthorization } from '@millrace/auth';
import type { Configuration, Scope } from '@millrace/config';
import { type ApiKeyConfig, MillraceError, tenantPattern } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';

/** Names the tenant that a key of the platform acts in. */
export const tenantHeader = 'millrace-tenant';

/** What is known of a key when it was checked. */
export type CallerKey = Pick<ApiKeyConfig, 'tenant' | 'keyId' | 'scopes' | 'expiresAtMicros'>;

export interface Caller {
  readonly key: CallerKey;
  /** The key's own, or that which a key of the platform names. */
  readonly tenant: string;
}

/** What the guard of routes asks. */
export abstract class CallerReader {
  /** Throws `unauthenticated`, `not_allowed`, `tenant_deleted`. */
  abstract callerOf(request: CallerRequest): Caller;
}

/** The part of a Fastify request that is used here. */
export interface CallerRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly body?: unknown;
}

export class Access extends CallerReader {
  readonly #configuration: Configuration;
  readonly #hasher: CredentialHasher;
  readonly #clock: Clock;

  constructor(configuration: Configuration, hasher: CredentialHasher, clock: Clock) {
    super();
    this.#configuration = configuration;
    this.#hasher = hasher;
    this.#clock = clock;
  }

  /** Throws `unauthenticated` without a valid key, `not_allowed` for a tenant that is not the key's, `tenant_deleted`. */
  override callerOf({ headers }: Pick<CallerRequest, 'headers'>): Caller {
    const key = this.#keyOf(headers['authorization']);
    const named = headers[tenantHeader];
    if (named === undefined || named === key.tenant) return { key, tenant: key.tenant };
    requireScope(key, 'platform');
    if (typeof named !== 'string' || !tenantPattern.test(named))
      throw new MillraceError('invalid_field', `The header ${tenantHeader} does not hold the name of a tenant.`);
    if (this.#configuration.isDeleted(named))
      throw new MillraceError(
        'tenant_deleted',
        `The tenant ${named} was deleted; GET /v1/erasures/${named} has the receipt.`,
      );
    return { key, tenant: named };
  }

  #keyOf(authorization: unknown): ApiKeyConfig {
    const credential = parseAuthorization(typeof authorization === 'string' ? authorization : undefined);
    const token = credential?.kind === 'bearer' ? credential.token : '';
    const key = this.#configuration.apiKey(keyIdOf(token) ?? '');
    const endMs = endOfKeyMs(token, key, this.#hasher, this.#clock.nowMs());
    if (!key || endMs === undefined)
      throw new MillraceError('unauthenticated', 'Send a valid API key as Authorization: Bearer.');
    return key;
  }
}

/** Throws `not_allowed` for a key without it. */
export function requireScope({ scopes }: Pick<CallerKey, 'scopes'>, scope: Scope): void {
  if (!scopes.includes(scope)) throw new MillraceError('not_allowed', `The key lacks the scope ${scope}.`);
}

/** Throws `not_allowed` for scopes that a key does not have itself, so cannot give either; one of the platform gives all. */
export function requireGivable(key: Pick<CallerKey, 'scopes'>, scopes: readonly string[]): void {
  const missing = scopes.find((scope) => !key.scopes.includes(scope) && !key.scopes.includes('platform'));
  if (missing !== undefined)
    throw new MillraceError('not_allowed', `Your key lacks the scope ${missing}, so it cannot give it.`);
}
