/** The client manager as a service. */
import { topics } from '@millrace/contracts';
import type { ServiceDefinition } from '@millrace/platform';
import { ClientManagerModule } from './client-manager.module.ts';
import { clientManagerVariables } from './environment.ts';

export const clientManagerDefinition: ServiceDefinition = {
  name: 'client-manager',
  module: ClientManagerModule,
  environment: clientManagerVariables,
  topics: [topics.raw, topics.rawDeadLetters, topics.configConnections, topics.configDevices, topics.configPublished],
};
