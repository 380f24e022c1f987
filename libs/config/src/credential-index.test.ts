import type { CertificateAuthorityConfig, DeviceCredentialConfig, TokenIssuerConfig } from '@millrace/contracts';
import { expect, test } from 'vitest';
import { Configuration } from './configuration.ts';

const credential = (credentialId: string, deviceUid: string): DeviceCredentialConfig => ({
  tenant: 'acme',
  credentialId,
  deviceUid,
  kind: 'key',
  hash: '',
  expiresAtMicros: null,
});

test('credentials are found by their device, and follow when they move or vanish', () => {
  const configuration = new Configuration();
  configuration.apply('deviceCredentials', 'k1', credential('k1', 'd1'));
  configuration.apply('deviceCredentials', 'k2', credential('k2', 'd1'));
  const idsOf = (uid: string) => configuration.credentials.ofDevice('acme', uid).map((one) => one.credentialId);
  expect(idsOf('d1')).toEqual(['k1', 'k2']);
  expect(configuration.credentials.ofDevice('other', 'd1')).toEqual([]);
  configuration.apply('deviceCredentials', 'k1', credential('k1', 'd2'));
  expect([idsOf('d1'), idsOf('d2')]).toEqual([['k2'], ['k1']]);
  configuration.apply('deviceCredentials', 'k2', null);
  expect(idsOf('d1')).toEqual([]);
  expect(configuration.deviceCredential('k1')).toMatchObject({ deviceUid: 'd2' });
});

test('authorities are those of the tenant, issuers those of all tenants', () => {
  const configuration = new Configuration();
  for (const tenant of ['acme', 'other']) {
    const authority = { tenant, authorityId: 'own' } as CertificateAuthorityConfig;
    configuration.apply('certificateAuthorities', `${tenant}/own`, authority);
    const issuer = { tenant, issuerId: 'idp', issuer: 'https://idp.example' } as TokenIssuerConfig;
    configuration.apply('tokenIssuers', `${tenant}/idp`, issuer);
  }
  expect(configuration.credentials.authoritiesOf('acme')).toMatchObject([{ tenant: 'acme' }]);
  expect(configuration.credentials.issuersOf('https://idp.example')).toHaveLength(2);
  expect(configuration.credentials.issuersOf('https://idp.example/')).toEqual([]);
});
