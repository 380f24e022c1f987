/** What makes credentials. */
import { CredentialHasher, KeyedSecrets, keyIdOf, SecretKey } from '@millrace/auth';
import type { FollowedConfiguration } from '@millrace/config';
import { Database } from '@millrace/control';
import { systemClock } from '@millrace/kernel';
import { CONFIGURATION, SERVICE_ENVIRONMENT } from '@millrace/platform';
import type { Provider } from '@nestjs/common';
import type { ApiEnvironment } from '../../environment.ts';
import { BuiltInAuthorities, type CertificateParts } from './built-in-authorities.ts';
import { CertificateRenewal } from './certificate-renewal.ts';
import { DeviceCertificates } from './device-certificates.ts';
import { DevicePasswords } from './device-passwords.ts';
import { KeyRotation } from './key-rotation.ts';

const certificateParts = (database: Database, secrets: KeyedSecrets): CertificateParts => ({
  database,
  secrets,
  clock: systemClock,
});

export const credentialProviders: Provider[] = [
  {
    provide: DevicePasswords,
    inject: [Database, KeyedSecrets],
    useFactory: (database: Database, secrets: KeyedSecrets) => new DevicePasswords({ database, secrets }),
  },
  {
    provide: KeyRotation,
    inject: [Database, KeyedSecrets, SERVICE_ENVIRONMENT],
    useFactory: (database: Database, secrets: KeyedSecrets, { MILLRACE_ADMIN_KEY: given }: ApiEnvironment) =>
      new KeyRotation({ database, secrets, clock: systemClock }, given === undefined ? given : keyIdOf(given)),
  },
  {
    provide: BuiltInAuthorities,
    inject: [Database, KeyedSecrets],
    useFactory: (database: Database, secrets: KeyedSecrets) =>
      new BuiltInAuthorities(certificateParts(database, secrets)),
  },
  {
    provide: DeviceCertificates,
    inject: [Database, KeyedSecrets, BuiltInAuthorities],
    useFactory: (database: Database, secrets: KeyedSecrets, authorities: BuiltInAuthorities) =>
      new DeviceCertificates(certificateParts(database, secrets), authorities),
  },
  {
    provide: CertificateRenewal,
    inject: [Database, KeyedSecrets, SecretKey, CONFIGURATION, DeviceCertificates],
    useFactory: (
      database: Database,
      secrets: KeyedSecrets,
      key: SecretKey,
      { configuration }: FollowedConfiguration,
      certificates: DeviceCertificates,
    ) =>
      new CertificateRenewal({
        ...certificateParts(database, secrets),
        configuration,
        hasher: new CredentialHasher(key),
        certificates,
      }),
  },
];
