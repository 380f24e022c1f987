/** Tenant acme for tests: devices d1 and d2, a disabled one, and a key of the tenant. */
import { MillraceError } from '@millrace/contracts';
import type { DeviceAuthenticator, DeviceRefusal, Sender } from '../gateway.ts';

export const deviceAuthorization = `Basic ${btoa('acme/d1:right')}`;
export const disabledAuthorization = `Basic ${btoa('acme/off:right')}`;
export const keyAuthorization = 'Bearer acme-key';

const devices: Readonly<Record<string, DeviceRefusal | undefined>> = {
  d1: undefined,
  d2: undefined,
  off: 'device_disabled',
};

export class AcmeAuthenticator implements DeviceAuthenticator {
  /** No credential is valid any more. */
  withdrawn = false;

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
