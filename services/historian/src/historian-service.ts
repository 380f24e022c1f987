/** The historian as a service: points, alarm events and results of statistics in; rows in QuestDB and latest values in Redis out. */
import { topics } from '@millrace/contracts';
import type { ServiceDefinition } from '@millrace/platform';
import { historianVariables } from './environment.ts';
import { HistorianModule } from './historian.module.ts';

export const historianService: ServiceDefinition = {
  name: 'historian',
  module: HistorianModule,
  environment: historianVariables,
  groupVariable: 'MILLRACE_HISTORIAN_GROUP',
  topics: [
    topics.points,
    topics.pointsDeadLetters,
    topics.alarmEvents,
    topics.alarmEventsDeadLetters,
    topics.statisticResults,
    topics.statisticResultsDeadLetters,
  ],
  configuration: ['tenants'],
};
