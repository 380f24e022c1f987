/** Tenant acme for tests: devices d1 and d2, a disabled one, and a key of the tenant. */
import { MillraceError } from '@millrace/contracts';
import type { DeviceAuthenticator, DeviceRefusal, GrantedTokens, Sender, TokenDesk } from '../gateway.ts';

export const deviceAuthorization = `Basic ${btoa('acme/d1:right')}`;
export const disabledAuthorization = `Basic ${btoa('acme/off:right')}`;
export const keyAuthorization = 'Bearer acme-key';

const devices: Readonly<Record<string, DeviceRefusal | undefined>> = {
  d1: undefined,
  d2: undefined,
  off: 'device_disabled',
};

export class AcmeAuthenticator implements DeviceAuthenticator {
  /** What the next `prepare` waits for. */
  preparation: (() => Promise<void>) | undefined;
  /** No credential is valid any more. */
  withdrawn = false;

  prepare(): Promise<void> | undefined {
    const { preparation } = this;
    this.preparation = undefined;
    return preparation?.();
  }

  authenticate(authorization: string | undefined): Sender {
    if (this.withdrawn) throw new MillraceError('unauthenticated', 'The credential was withdrawn.');
    if (authorization === disabledAuthorization) throw new MillraceError('device_disabled', 'The device is disabled.');
    if (authorization === keyAuthorization)
      return {
        tenant: 'acme',
        deviceUid: null,
        refusalOf: (uid) => (uid in devices ? devices[uid] : 'unknown_device'),
      };
    if (authorization === deviceAuthorization)
      return { tenant: 'acme', deviceUid: 'd1', refusalOf: (uid) => (uid === 'd1' ? undefined : 'not_allowed') };
    throw new MillraceError('unauthenticated', 'Send a credential of a device, or a key.');
  }
}

/** Gives tokens for the credentials above; they are no credentials themselves. */
export class AcmeTokenDesk implements TokenDesk {
  readonly #authenticator = new AcmeAuthenticator();

  byPassword(authorization: string): GrantedTokens {
    this.#authenticator.authenticate(authorization);
    return { accessToken: 'access', accessExpiresIn: 3_600, refreshToken: 'refresh', refreshExpiresIn: 86_400 };
  }

  byRefreshToken(refreshToken: string): GrantedTokens {
    if (refreshToken !== 'refresh') throw new MillraceError('unauthenticated', 'Send a refresh token.');
    return this.byPassword(deviceAuthorization);
  }
}
