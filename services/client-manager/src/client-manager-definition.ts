/** The client manager as a service. */
import { topics } from '@millrace/contracts';
import type { ServiceDefinition } from '@millrace/platform';
import { acceptJson, serveOpenApi } from '@millrace/platform/rest';
import { ClientManagerModule } from './client-manager.module.ts';
import { clientManagerVariables } from './environment.ts';

/** `ownsTenant`: for which tenants the folder speaks; all of them, unless an installation is shared. */
export function clientManagerDefinition(ownsTenant: (tenant: string) => boolean = () => true): ServiceDefinition {
  return {
    name: 'client-manager',
    module: ClientManagerModule.of(ownsTenant),
    environment: clientManagerVariables,
    topics: [topics.raw, topics.rawDeadLetters, topics.connectionClaims, topics.quotaUsage],
    configuration: ['tenants', 'devices', 'apiKeys', 'connections'],
    configure(app) {
      acceptJson(app);
      serveOpenApi(app, {
        title: 'Millrace client manager',
        description: 'Connections and the instances that have them.',
      });
    },
  };
}
