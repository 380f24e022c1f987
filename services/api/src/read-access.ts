/** Who may come in: programs and pages with an API key of scope `read`, each in its own tenant. */
import { type CredentialHasher, keyIdOf, parseAuthorization } from '@millrace/auth';
import type { Configuration } from '@millrace/config';
import { type ApiKeyConfig, MillraceError } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';

export class ReadAccess {
  readonly #configuration: Configuration;
  readonly #hasher: CredentialHasher;
  readonly #clock: Clock;

  constructor(configuration: Configuration, hasher: CredentialHasher, clock: Clock) {
    this.#configuration = configuration;
    this.#hasher = hasher;
    this.#clock = clock;
  }

  /** The key in an Authorization header. Throws `unauthenticated`, or `not_allowed` for a key that may not read. */
  keyOf(authorization: string | undefined): ApiKeyConfig {
    const credential = parseAuthorization(authorization);
    const token = credential?.kind === 'bearer' ? credential.token : '';
    const key = this.#configuration.apiKey(keyIdOf(token) ?? '');
    const matches = this.#hasher.matches(token, key ? [key.hash] : []);
    if (!key || !matches || this.#clock.nowMs() * 1000 >= (key.expiresAtMicros ?? Infinity))
      throw new MillraceError('unauthenticated', 'Send a valid API key as Authorization: Bearer.');
    requireScope(key, 'read');
    return key;
  }
}

/** Throws `not_allowed` for a key without it. */
export function requireScope({ scopes }: Pick<ApiKeyConfig, 'scopes'>, scope: 'read' | 'ingest'): void {
  if (!scopes.includes(scope)) throw new MillraceError('not_allowed', `The key lacks the scope ${scope}.`);
}
