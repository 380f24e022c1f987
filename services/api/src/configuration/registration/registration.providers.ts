/** What lets devices register themselves. */
import { CredentialHasher, KeyedSecrets, SecretKey } from '@millrace/auth';
import { Database } from '@millrace/control';
import { systemClock } from '@millrace/kernel';
import type { Provider } from '@nestjs/common';
import { DeviceCertificates } from '../credentials/device-certificates.ts';
import { PendingRegistrations } from './pending-registrations.ts';
import { RegistrationCredentials } from './registration-credentials.ts';
import { RegistrationSecrets } from './registration-secrets.ts';
import { Registrations } from './registrations.ts';
import { RequestGate } from './request-gate.ts';

export const registrationProviders: Provider[] = [
  { provide: RequestGate, useFactory: () => new RequestGate(systemClock) },
  {
    provide: Registrations,
    inject: [Database, KeyedSecrets, SecretKey, DeviceCertificates],
    useFactory: (database: Database, secrets: KeyedSecrets, key: SecretKey, certificates: DeviceCertificates) =>
      new Registrations({
        database,
        secrets,
        clock: systemClock,
        hasher: new CredentialHasher(key),
        credentials: new RegistrationCredentials(secrets, certificates),
      }),
  },
  {
    provide: PendingRegistrations,
    inject: [Database],
    useFactory: (database: Database) => new PendingRegistrations(database),
  },
  {
    provide: RegistrationSecrets,
    inject: [Database, KeyedSecrets],
    useFactory: (database: Database, secrets: KeyedSecrets) => new RegistrationSecrets(database, secrets),
  },
];
