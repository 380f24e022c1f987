/** The tables of credentials by what is asked: a device, a tenant, an issuer. Asked when somebody authenticates anew, changed rarely. */
import {
  type CertificateAuthorityConfig,
  type DeviceCredentialConfig,
  deviceKey,
  type TokenIssuerConfig,
} from '@millrace/contracts';
import type { Entities, EntityName } from './entities.ts';

export class CredentialIndex {
  readonly #byDevice = new Groups<DeviceCredentialConfig>(({ tenant, deviceUid }) => deviceKey(tenant, deviceUid));
  readonly #authorities = new Groups<CertificateAuthorityConfig>(({ tenant }) => tenant);
  readonly #issuers = new Groups<TokenIssuerConfig>(({ issuer }) => issuer);

  /** Its keys and pinned certificates. */
  ofDevice(tenant: string, deviceUid: string): readonly DeviceCredentialConfig[] {
    return this.#byDevice.of(deviceKey(tenant, deviceUid));
  }

  authoritiesOf(tenant: string): readonly CertificateAuthorityConfig[] {
    return this.#authorities.of(tenant);
  }

  /** Of all tenants, by the claim `iss` of their tokens. */
  issuersOf(issuer: string): readonly TokenIssuerConfig[] {
    return this.#issuers.of(issuer);
  }

  /** `entity` may be any; only those of credentials are kept here. */
  replace<E extends EntityName>(entity: E, before: Entities[E] | undefined, after: Entities[E] | null): void {
    if (entity === 'deviceCredentials')
      this.#byDevice.replace(before as DeviceCredentialConfig | undefined, after as DeviceCredentialConfig | null);
    if (entity === 'certificateAuthorities')
      this.#authorities.replace(
        before as CertificateAuthorityConfig | undefined,
        after as CertificateAuthorityConfig | null,
      );
    if (entity === 'tokenIssuers')
      this.#issuers.replace(before as TokenIssuerConfig | undefined, after as TokenIssuerConfig | null);
  }
}

const nothing: readonly never[] = [];

class Groups<T> {
  readonly #nameOf: (member: T) => string;
  readonly #groups = new Map<string, readonly T[]>();

  constructor(nameOf: (member: T) => string) {
    this.#nameOf = nameOf;
  }

  of(name: string): readonly T[] {
    return this.#groups.get(name) ?? nothing;
  }

  replace(before: T | undefined, after: T | null): void {
    if (before !== undefined) this.#set(this.#nameOf(before), (group) => group.filter((one) => one !== before));
    if (after !== null) this.#set(this.#nameOf(after), (group) => [...group, after]);
  }

  #set(name: string, change: (group: readonly T[]) => readonly T[]): void {
    const group = change(this.of(name));
    if (group.length > 0) this.#groups.set(name, group);
    else this.#groups.delete(name);
  }
}
