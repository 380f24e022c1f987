/** Whose a credential is, by the configuration as it is now: joins what @millrace/auth reads with the devices and keys of @millrace/config. */
import type { X509Certificate } from 'node:crypto';
import {
  type BasicAuthorization,
  type CertificateAuthorization,
  certificateEndMs,
  type CredentialHasher,
  deviceUidOf,
  type DeviceTokens,
  endOfKeyMs,
  type ExternalTokens,
  isInTime,
  keyIdOf,
  looksLikeDeviceToken,
  looksLikeJwt,
  parseAuthorization,
} from '@millrace/auth';
import type { Configuration } from '@millrace/config';
import { certificateHash, type DeviceConfig, MillraceError, silenceOf } from '@millrace/contracts';
import type { Sender } from '@millrace/gateways';
import type { Clock } from '@millrace/kernel';
import { refusalOfState } from '@millrace/quotas';
import { DeviceSender, TenantSender } from './senders.ts';

export interface CredentialParts {
  readonly configuration: Configuration;
  readonly hasher: CredentialHasher;
  readonly tokens: DeviceTokens;
  readonly externalTokens: ExternalTokens;
  readonly clock: Clock;
}

/** Asked for every request, so it only looks at the beginning. */
const mayBeJwt = /^bearer +ey/i;

/** Holds until then, or until the configuration changes. */
export interface CheckedSender {
  /** By the certificate of the connection, so it holds for no other one. */
  readonly certified?: true;
  readonly sender: Sender;
  readonly expiresAtMs: number;
}

export class CredentialCheck {
  readonly #parts: CredentialParts;

  constructor(parts: CredentialParts) {
    this.#parts = parts;
  }

  /** `peer`: the certificate that the client has shown. Throws `unauthenticated`, `not_allowed` or a `SilentDevice`. */
  check(authorization: string | undefined, peer: X509Certificate | undefined): CheckedSender {
    const credential = parseAuthorization(authorization);
    switch (credential?.kind) {
      case 'basic':
        return {
          sender: new DeviceSender(this.byPassword(credential), this.#parts.configuration),
          expiresAtMs: Infinity,
        };
      case 'certificate':
        return this.#certificate(credential, peer);
      case 'bearer':
        return this.#bearer(credential.token);
      case undefined:
        throw unauthenticated();
    }
  }

  /** Before `check`: finds out whether a token of a foreign issuer is right; undefined: it is none, or known already. */
  prepare(authorization: string | undefined): Promise<void> | undefined {
    if (authorization === undefined || !mayBeJwt.test(authorization)) return undefined;
    const credential = parseAuthorization(authorization);
    if (credential?.kind !== 'bearer' || !looksLikeJwt(credential.token)) return undefined;
    const { externalTokens } = this.#parts;
    return externalTokens.find(credential.token) ? undefined : externalTokens.verify(credential.token);
  }

  /** The device, which is active, with this password. */
  byPassword({ tenant, deviceUid, password }: BasicAuthorization): DeviceConfig {
    const { configuration, hasher } = this.#parts;
    const device = configuration.device(tenant, deviceUid);
    const matches = hasher.matches(password, device?.passwordHashes ?? []);
    return this.#active(matches ? device : undefined);
  }

  /** The device, which is active, whose password the token was got with. */
  byToken(kind: 'access' | 'refresh', text: string) {
    const { configuration, tokens, clock } = this.#parts;
    const token = tokens.read(kind, text, clock.nowMs());
    const device = token && configuration.device(token.tenant, token.deviceUid);
    if (!token || !device || !tokens.isMarkedBy(token, device.passwordHashes)) throw unauthenticated();
    return { token, device: this.#active(device) };
  }

  #bearer(text: string): CheckedSender {
    if (looksLikeDeviceToken(text)) return this.#accessToken(text);
    return looksLikeJwt(text) ? this.#externalToken(text) : this.#key(text);
  }

  #externalToken(text: string): CheckedSender {
    const token = this.#parts.externalTokens.find(text);
    if (!token) throw unauthenticated();
    return { sender: this.#deviceSender(token.tenant, token.deviceUid), expiresAtMs: token.expiresAtMs };
  }

  #accessToken(text: string): CheckedSender {
    const { token, device } = this.byToken('access', text);
    return { sender: new DeviceSender(device, this.#parts.configuration), expiresAtMs: token.expiresAtMs };
  }

  /** A key of the tenant, or of one device: their ids are unique together. */
  #key(text: string): CheckedSender {
    const { configuration, hasher, clock } = this.#parts;
    const keyId = keyIdOf(text) ?? '';
    const ofTenant = configuration.apiKey(keyId);
    const ofDevice = configuration.deviceCredential(keyId);
    const key = ofTenant ?? (ofDevice?.kind === 'key' ? ofDevice : undefined);
    const expiresAtMs = endOfKeyMs(text, key, hasher, clock.nowMs());
    if (!key || expiresAtMs === undefined) throw unauthenticated();
    if (!ofTenant) return { sender: this.#deviceSender(key.tenant, ofDevice?.deviceUid ?? ''), expiresAtMs };
    this.#refuseSuspended(key.tenant);
    if (!ofTenant.scopes.includes('ingest')) throw new MillraceError('not_allowed', 'The key lacks the scope ingest.');
    return { sender: new TenantSender(key.tenant, configuration), expiresAtMs };
  }

  /** Pinned to the device, or of an authority of the tenant. */
  #certificate({ tenant, deviceUid }: CertificateAuthorization, peer: X509Certificate | undefined): CheckedSender {
    const found = peer && (this.#pinned(tenant, deviceUid, peer) ?? this.#vouched(tenant, deviceUid, peer));
    if (!found) throw unauthenticated();
    const sender = this.#deviceSender(tenant, found.deviceUid);
    return { certified: true, sender, expiresAtMs: found.expiresAtMs };
  }

  #pinned(tenant: string, deviceUid: string | null, peer: X509Certificate): CertifiedDevice | undefined {
    const { configuration, clock } = this.#parts;
    if (deviceUid === null || !isInTime(peer, clock.nowMs())) return undefined;
    const hash = certificateHash(peer);
    const pin = configuration.credentials
      .ofDevice(tenant, deviceUid)
      .find((one) => one.kind === 'certificate' && one.hash === hash && clock.nowMs() < endMsOf(one));
    return pin && { deviceUid, expiresAtMs: Math.min(endMsOf(pin), certificateEndMs(peer)) };
  }

  #vouched(tenant: string, deviceUid: string | null, peer: X509Certificate): CertifiedDevice | undefined {
    const { configuration, clock } = this.#parts;
    for (const authority of configuration.credentials.authoritiesOf(tenant)) {
      const named = deviceUidOf(peer, authority, clock.nowMs());
      if (named !== undefined && (deviceUid ?? named) === named)
        return { deviceUid: named, expiresAtMs: certificateEndMs(peer, authority) };
    }
    return undefined;
  }

  #deviceSender(tenant: string, deviceUid: string): DeviceSender {
    const { configuration } = this.#parts;
    return new DeviceSender(this.#active(configuration.device(tenant, deviceUid)), configuration);
  }

  /** Only who has shown a right credential hears that the tenant is suspended or the device not active. */
  #active(device: DeviceConfig | undefined): DeviceConfig {
    if (!device) throw unauthenticated();
    this.#refuseSuspended(device.tenant);
    const silence = silenceOf(device.state);
    if (!silence) return device;
    throw new MillraceError(silence, `Device ${device.deviceUid} is ${device.state}.`);
  }

  /** Devices and keys of a tenant that was deleted are unknown to the configuration. */
  #refuseSuspended(tenant: string): void {
    const refusal = refusalOfState(this.#parts.configuration, tenant);
    if (refusal) throw refusal;
  }
}

interface CertifiedDevice {
  readonly deviceUid: string;
  readonly expiresAtMs: number;
}

function endMsOf(credential: { readonly expiresAtMicros: number | null } | undefined): number {
  return credential?.expiresAtMicros == null ? Infinity : credential.expiresAtMicros / 1000;
}

/** The same for an unknown device and a wrong password: nobody shall learn which devices exist. */
export function unauthenticated(): MillraceError {
  return new MillraceError(
    'unauthenticated',
    'Send Basic tenant/deviceUid:password, a Bearer key or token that is valid, or show a certificate.',
  );
}
