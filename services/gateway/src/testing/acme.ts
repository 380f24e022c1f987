/** A configuration with tenant acme for tests, and what the gateway makes of it: devices d1, d2 and a disabled one, a key of the tenant. */
import { randomBytes } from 'node:crypto';
import { CredentialHasher, DeviceTokens, ExternalTokens, SecretKey } from '@millrace/auth';
import { Configuration } from '@millrace/config';
import type {
  ApiKeyConfig,
  CertificateAuthorityConfig,
  DeviceConfig,
  DeviceCredentialConfig,
} from '@millrace/contracts';
import { anyDevice, ManualClock } from '@millrace/testkit';
import { expect } from 'vitest';
import { ConfiguredAuthenticator } from '../configured-authenticator.ts';
import { ConfiguredTokenDesk } from '../configured-token-desk.ts';
import { CredentialCheck } from '../credential-check.ts';

const secretKey = new SecretKey(randomBytes(32));
export const hasher = new CredentialHasher(secretKey);
const tokens = new DeviceTokens(secretKey, { accessSeconds: 60, refreshSeconds: 600 });

export const tenantKey = 'k1.0123456789abcdef';
export const device: DeviceConfig = anyDevice('acme', 'd1', {
  passwordHashes: [hasher.hash('old'), hasher.hash('new:with/colon')],
});
export const apiKey: ApiKeyConfig = {
  tenant: 'acme',
  keyId: 'k1',
  hash: hasher.hash(tenantKey),
  scopes: ['ingest'],
  expiresAtMicros: null,
  previousHash: null,
  previousUntilMicros: null,
};

export const basic = (user: string, password: string): string => `Basic ${btoa(`${user}:${password}`)}`;
export const refused = (code: string): unknown => expect.objectContaining({ code });

export class Acme {
  readonly configuration = new Configuration();
  readonly clock: ManualClock;
  readonly authenticator: ConfiguredAuthenticator;
  readonly desk: ConfiguredTokenDesk;

  /** What an issuer's server answers. */
  published = async (_url: URL): Promise<{ status: number; body: string }> => ({ status: 404, body: '' });

  constructor(startMs = 0) {
    this.clock = new ManualClock(startMs);
    this.setDevice({});
    this.setDevice({ deviceUid: 'd2' });
    this.setDevice({ deviceUid: 'off', state: 'disabled' });
    this.configuration.apply('apiKeys', 'k1', apiKey);
    const externalTokens = new ExternalTokens({
      issuersOf: (issuer) => this.configuration.credentials.issuersOf(issuer),
      get: async (url) => this.published(url),
      failed: () => {},
      nowMs: () => this.clock.nowMs(),
    });
    const parts = { configuration: this.configuration, hasher, tokens, externalTokens, clock: this.clock };
    const credentials = new CredentialCheck(parts);
    this.authenticator = new ConfiguredAuthenticator(this.configuration, credentials, this.clock);
    this.desk = new ConfiguredTokenDesk(credentials, parts);
  }

  setTenant(state: string): void {
    const tenant = { tenant: 'acme', name: '', retentionClass: '90d', ownTable: false, state, quotas: null };
    this.configuration.apply('tenants', 'acme', tenant);
  }

  setDevice(change: Partial<DeviceConfig>): void {
    const changed = { ...device, ...change };
    this.configuration.apply('devices', `${changed.tenant}/${changed.deviceUid}`, changed);
  }

  setCredential(change: Partial<DeviceCredentialConfig> & Pick<DeviceCredentialConfig, 'kind' | 'hash'>): void {
    const credential = { tenant: 'acme', credentialId: 'c1', deviceUid: 'd1', expiresAtMicros: null, ...change };
    this.configuration.apply('deviceCredentials', credential.credentialId, credential);
  }

  trust(tenant: string, certificate: string, rest: Partial<CertificateAuthorityConfig> = {}): void {
    this.configuration.apply('certificateAuthorities', `${tenant}/own`, {
      tenant,
      authorityId: 'own',
      certificate,
      deviceFrom: { field: 'commonName', pattern: '{deviceUid}' },
      revokedSerials: [],
      ...rest,
    });
  }
}
