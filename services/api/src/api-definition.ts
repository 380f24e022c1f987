/** The api as a service. */
import { writtenEntities } from '@millrace/config';
import { topics } from '@millrace/contracts';
import type { ServiceDefinition } from '@millrace/platform';
import { serveOpenApi } from '@millrace/platform/rest';
import { ApiModule } from './api.module.ts';
import { apiVariables } from './environment.ts';
import { acceptBodies } from './http/accepted-bodies.ts';

/** `ownsTenant`: of which tenants vanished entities are removed from the topics; of all, unless an installation is shared. */
export function apiDefinition(ownsTenant: (tenant: string) => boolean = () => true): ServiceDefinition {
  return {
    name: 'api',
    module: ApiModule.of(ownsTenant),
    environment: apiVariables,
    topics: [
      topics.raw,
      topics.rawDeadLetters,
      topics.parked,
      topics.points,
      topics.pointsDeadLetters,
      topics.alarmEvents,
      topics.alarmStates,
      topics.notificationAttempts,
      topics.statisticResults,
      topics.quotaUsage,
      topics.configConnections,
      topics.connectionClaims,
    ],
    configuration: writtenEntities,
    configure(app) {
      acceptBodies(app);
      serveOpenApi(app, { title: 'Millrace', description: 'Devices, their values and statistics.' });
    },
  };
}
