/** Who a device is, by the configuration: joins the credentials of @millrace/auth with the devices and keys of @millrace/config. */
import { type CredentialHasher, keyIdOf, parseAuthorization } from '@millrace/auth';
import type { Configuration } from '@millrace/config';
import { type DeviceConfig, MillraceError } from '@millrace/contracts';
import type { DeviceAuthenticator, DeviceRefusal, Sender } from '@millrace/gateways';
import type { Clock } from '@millrace/kernel';
import { refusalOfState } from '@millrace/quotas';

/** Senders that are active at a time; each entry is its header and some words, so about 5 MiB. */
const knownMax = 10_000;

interface Known {
  readonly sender: Sender;
  /** The configuration under which the credential was checked. */
  readonly version: number;
  readonly expiresAtMs: number;
}

export class ConfiguredAuthenticator implements DeviceAuthenticator {
  readonly #configuration: Configuration;
  readonly #hasher: CredentialHasher;
  readonly #clock: Clock;
  /** Credentials that were right, by header, oldest first: a wrong one must not push them out, so it is not kept. */
  readonly #known = new Map<string, Known>();

  constructor(configuration: Configuration, hasher: CredentialHasher, clock: Clock) {
    this.#configuration = configuration;
    this.#hasher = hasher;
    this.#clock = clock;
  }

  authenticate(authorization: string | undefined): Sender {
    const known = authorization === undefined ? undefined : this.#known.get(authorization);
    if (known?.version === this.#configuration.version && this.#clock.nowMs() < known.expiresAtMs) return known.sender;
    const { sender, expiresAtMs } = this.#check(authorization);
    if (authorization !== undefined) this.#keep(authorization, sender, expiresAtMs);
    return sender;
  }

  #check(authorization: string | undefined): Omit<Known, 'version'> {
    const credential = parseAuthorization(authorization);
    if (credential?.kind === 'basic') {
      const { tenant, deviceUid, password } = credential;
      const device = this.#configuration.device(tenant, deviceUid);
      const matches = this.#hasher.matches(password, device?.passwordHashes ?? []);
      if (!device || !matches) throw unauthenticated();
      this.#refuseSuspended(tenant);
      if (device.state !== 'active') throw new MillraceError('device_disabled', `Device ${deviceUid} is disabled.`);
      return { sender: new DeviceSender(device), expiresAtMs: Infinity };
    }
    return this.#checkKey(credential?.token);
  }

  #checkKey(token: string | undefined): Omit<Known, 'version'> {
    const key = this.#configuration.apiKey(keyIdOf(token ?? '') ?? '');
    const matches = this.#hasher.matches(token ?? '', key ? [key.hash] : []);
    const expiresAtMs = key?.expiresAtMicros == null ? Infinity : key.expiresAtMicros / 1000;
    if (!key || !matches || this.#clock.nowMs() >= expiresAtMs) throw unauthenticated();
    this.#refuseSuspended(key.tenant);
    if (!key.scopes.includes('ingest')) throw new MillraceError('not_allowed', 'The key lacks the scope ingest.');
    return { sender: new TenantSender(key.tenant, this.#configuration), expiresAtMs };
  }

  /** Devices and keys of a tenant that was deleted are unknown to the configuration. */
  #refuseSuspended(tenant: string): void {
    const refusal = refusalOfState(this.#configuration, tenant);
    if (refusal) throw refusal;
  }

  #keep(authorization: string, sender: Sender, expiresAtMs: number): void {
    this.#known.delete(authorization);
    if (this.#known.size >= knownMax) this.#known.delete(this.#known.keys().next().value ?? '');
    this.#known.set(authorization, { sender, version: this.#configuration.version, expiresAtMs });
  }
}

/** A device with its own password. */
class DeviceSender implements Sender {
  readonly tenant: string;
  readonly deviceUid: string;

  constructor({ tenant, deviceUid }: DeviceConfig) {
    this.tenant = tenant;
    this.deviceUid = deviceUid;
  }

  refusalOf(deviceUid: string): DeviceRefusal | undefined {
    return deviceUid === this.deviceUid ? undefined : 'not_allowed';
  }
}

/** A program with a key of its tenant; sends for any of its devices. */
class TenantSender implements Sender {
  readonly tenant: string;
  readonly deviceUid = null;
  readonly #configuration: Configuration;

  constructor(tenant: string, configuration: Configuration) {
    this.tenant = tenant;
    this.#configuration = configuration;
  }

  refusalOf(deviceUid: string): DeviceRefusal | undefined {
    const device = this.#configuration.device(this.tenant, deviceUid);
    if (!device) return 'unknown_device';
    return device.state === 'active' ? undefined : 'device_disabled';
  }
}

/** The same for an unknown device and a wrong password: nobody shall learn which devices exist. */
function unauthenticated(): MillraceError {
  return new MillraceError('unauthenticated', 'Send Basic tenant/deviceUid:password, or a Bearer key that is valid.');
}
