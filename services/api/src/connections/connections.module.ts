/** The way to the client managers. */
import { PrincipalSigner, SecretKey } from '@millrace/auth';
import { systemClock } from '@millrace/kernel';
import { SERVICE_ENVIRONMENT } from '@millrace/platform';
import { Forwarding } from '@millrace/platform/rest';
import { Module } from '@nestjs/common';
import type { ApiEnvironment } from '../environment.ts';
import { ClientManagers } from './client-managers.ts';
import { ConnectionsController, InstancesController } from './connections.controller.ts';

@Module({
  controllers: [ConnectionsController, InstancesController],
  providers: [
    {
      provide: ClientManagers,
      inject: [SERVICE_ENVIRONMENT, SecretKey],
      useFactory: (
        { MILLRACE_CLIENT_MANAGER_URLS: urls, MILLRACE_INSTANCE: instance }: ApiEnvironment,
        key: SecretKey,
      ) => new ClientManagers(urls, new Forwarding(new PrincipalSigner(key), instance, systemClock)),
    },
  ],
})
export class ConnectionsModule {}
