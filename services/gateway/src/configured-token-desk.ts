/** Gives tokens to devices by the configuration: to none that is disabled or unknown, and none that outlives its password. */
import { type CredentialHasher, type DeviceTokens, parseAuthorization } from '@millrace/auth';
import type { GrantedTokens, TokenDesk } from '@millrace/gateways';
import type { Clock } from '@millrace/kernel';
import { type CredentialCheck, type CredentialParts, unauthenticated } from './credential-check.ts';

export class ConfiguredTokenDesk implements TokenDesk {
  readonly #credentials: CredentialCheck;
  readonly #hasher: CredentialHasher;
  readonly #tokens: DeviceTokens;
  readonly #clock: Clock;

  constructor(credentials: CredentialCheck, { hasher, tokens, clock }: CredentialParts) {
    this.#credentials = credentials;
    this.#hasher = hasher;
    this.#tokens = tokens;
    this.#clock = clock;
  }

  byPassword(authorization: string): GrantedTokens {
    const credential = parseAuthorization(authorization);
    if (credential?.kind !== 'basic') throw unauthenticated();
    const { tenant, deviceUid } = this.#credentials.byPassword(credential);
    const hash = this.#hasher.hash(credential.password);
    return this.#tokens.grant(tenant, deviceUid, hash, this.#clock.nowMs());
  }

  byRefreshToken(refreshToken: string): GrantedTokens {
    const { token } = this.#credentials.byToken('refresh', refreshToken);
    return this.#tokens.refresh(refreshToken, token, this.#clock.nowMs());
  }
}
