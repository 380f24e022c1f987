/** The api as a service. */
import { topics } from '@millrace/contracts';
import { entityKinds } from '@millrace/config';
import type { ServiceDefinition } from '@millrace/platform';
import { ApiModule } from './api.module.ts';
import { publishedEntities } from './api.providers.ts';
import { apiVariables } from './environment.ts';
import { serveOpenApi } from './openapi.ts';

/** `ownsTenant`: for which tenants the folder speaks; all of them, unless an installation is shared. */
export function apiDefinition(ownsTenant: (tenant: string) => boolean = () => true): ServiceDefinition {
  return {
    name: 'api',
    module: ApiModule.of(ownsTenant),
    environment: apiVariables,
    topics: [
      ...publishedEntities.map((entity) => entityKinds[entity].topic),
      topics.configPublished,
      topics.raw,
      topics.rawDeadLetters,
      topics.points,
      topics.pointsDeadLetters,
      topics.alarmEvents,
      topics.alarmStates,
      topics.notificationAttempts,
      topics.statisticResults,
      topics.quotaUsage,
    ],
    configure: serveOpenApi,
  };
}
