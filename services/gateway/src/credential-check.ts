/** Whose a credential is, by the configuration as it is now: joins what @millrace/auth reads with the devices and keys of @millrace/config. */
import {
  type BasicAuthorization,
  type CredentialHasher,
  type DeviceTokens,
  keyIdOf,
  looksLikeDeviceToken,
  parseAuthorization,
} from '@millrace/auth';
import type { Configuration } from '@millrace/config';
import { type DeviceConfig, MillraceError } from '@millrace/contracts';
import type { Sender } from '@millrace/gateways';
import type { Clock } from '@millrace/kernel';
import { DeviceSender, TenantSender } from './senders.ts';

export interface CredentialParts {
  readonly configuration: Configuration;
  readonly hasher: CredentialHasher;
  readonly tokens: DeviceTokens;
  readonly clock: Clock;
}

/** Holds until then, or until the configuration changes. */
export interface CheckedSender {
  readonly sender: Sender;
  readonly expiresAtMs: number;
}

export class CredentialCheck {
  readonly #parts: CredentialParts;

  constructor(parts: CredentialParts) {
    this.#parts = parts;
  }

  /** Throws `unauthenticated`, `device_disabled` or `not_allowed`. */
  check(authorization: string | undefined): CheckedSender {
    const credential = parseAuthorization(authorization);
    if (credential?.kind === 'basic')
      return { sender: new DeviceSender(this.byPassword(credential)), expiresAtMs: Infinity };
    const token = credential?.token ?? '';
    return looksLikeDeviceToken(token) ? this.#accessToken(token) : this.#key(token);
  }

  /** The device, which is active, with this password. */
  byPassword({ tenant, deviceUid, password }: BasicAuthorization): DeviceConfig {
    const { configuration, hasher } = this.#parts;
    const device = configuration.device(tenant, deviceUid);
    const matches = hasher.matches(password, device?.passwordHashes ?? []);
    return activeDevice(matches ? device : undefined);
  }

  /** The device, which is active, whose password the token was got with. */
  byToken(kind: 'access' | 'refresh', text: string) {
    const { configuration, tokens, clock } = this.#parts;
    const token = tokens.read(kind, text, clock.nowMs());
    const device = token && configuration.device(token.tenant, token.deviceUid);
    if (!token || !device || !tokens.isMarkedBy(token, device.passwordHashes)) throw unauthenticated();
    return { token, device: activeDevice(device) };
  }

  #accessToken(text: string): CheckedSender {
    const { token, device } = this.byToken('access', text);
    return { sender: new DeviceSender(device), expiresAtMs: token.expiresAtMs };
  }

  #key(text: string): CheckedSender {
    const { configuration, hasher, clock } = this.#parts;
    const key = configuration.apiKey(keyIdOf(text) ?? '');
    const matches = hasher.matches(text, key ? [key.hash] : []);
    const expiresAtMs = key?.expiresAtMicros == null ? Infinity : key.expiresAtMicros / 1000;
    if (!key || !matches || clock.nowMs() >= expiresAtMs) throw unauthenticated();
    if (!key.scopes.includes('ingest')) throw new MillraceError('not_allowed', 'The key lacks the scope ingest.');
    return { sender: new TenantSender(key.tenant, configuration), expiresAtMs };
  }
}

/** Only who has shown a right credential hears that the device is disabled. */
function activeDevice(device: DeviceConfig | undefined): DeviceConfig {
  if (!device) throw unauthenticated();
  if (device.state === 'active') return device;
  throw new MillraceError('device_disabled', `Device ${device.deviceUid} is disabled.`);
}

/** The same for an unknown device and a wrong password: nobody shall learn which devices exist. */
export function unauthenticated(): MillraceError {
  return new MillraceError(
    'unauthenticated',
    'Send Basic tenant/deviceUid:password, or a Bearer key or token that is valid.',
  );
}
