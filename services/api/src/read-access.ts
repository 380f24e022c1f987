/** Who may read: programs with an API key of scope `read`, each in its own tenant. */
import { type CredentialHasher, keyIdOf, parseAuthorization } from '@millrace/auth';
import type { Configuration } from '@millrace/config';
import { MillraceError } from '@millrace/contracts';
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

  /** The tenant that an Authorization header opens. Throws `unauthenticated`, or `not_allowed` for a key without the scope. */
  tenantOf(authorization: string | undefined): string {
    const credential = parseAuthorization(authorization);
    const token = credential?.kind === 'bearer' ? credential.token : '';
    const key = this.#configuration.apiKey(keyIdOf(token) ?? '');
    const matches = this.#hasher.matches(token, key ? [key.hash] : []);
    if (!key || !matches || this.#clock.nowMs() * 1000 >= (key.expiresAtMicros ?? Infinity))
      throw new MillraceError('unauthenticated', 'Send a valid API key as Authorization: Bearer.');
    if (!key.scopes.includes('read')) throw new MillraceError('not_allowed', 'The key lacks the scope read.');
    return key.tenant;
  }
}
