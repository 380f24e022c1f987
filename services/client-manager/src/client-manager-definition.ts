/** The client manager as a service. */
import { topics } from '@millrace/contracts';
import type { ServiceDefinition } from '@millrace/platform';
import { ClientManagerModule } from './client-manager.module.ts';
import { clientManagerVariables } from './environment.ts';

/** `ownsTenant`: for which tenants the folder speaks; all of them, unless an installation is shared. */
export function clientManagerDefinition(ownsTenant: (tenant: string) => boolean = () => true): ServiceDefinition {
  return {
    name: 'client-manager',
    module: ClientManagerModule.of(ownsTenant),
    environment: clientManagerVariables,
    topics: [topics.raw, topics.rawDeadLetters, topics.quotaUsage],
    configuration: ['tenants', 'devices', 'connections'],
  };
}
