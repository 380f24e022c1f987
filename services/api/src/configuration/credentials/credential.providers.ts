/** What makes credentials. */
import { KeyedSecrets, keyIdOf } from '@millrace/auth';
import { Database } from '@millrace/control';
import { systemClock } from '@millrace/kernel';
import { SERVICE_ENVIRONMENT } from '@millrace/platform';
import type { Provider } from '@nestjs/common';
import type { ApiEnvironment } from '../../environment.ts';
import { DevicePasswords } from './device-passwords.ts';
import { KeyRotation } from './key-rotation.ts';

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
];
