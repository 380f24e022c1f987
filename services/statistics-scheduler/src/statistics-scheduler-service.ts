/** The statistics scheduler as a service: due windows and stored points in, results out. */
import { topics } from '@millrace/contracts';
import type { ServiceDefinition } from '@millrace/platform';
import { statisticsSchedulerVariables } from './environment.ts';
import { StatisticsSchedulerModule } from './statistics-scheduler.module.ts';

export const statisticsSchedulerService: ServiceDefinition = {
  name: 'statistics-scheduler',
  module: StatisticsSchedulerModule,
  environment: statisticsSchedulerVariables,
  topics: [topics.statisticResults],
  configuration: ['tenants', 'scripts', 'devices', 'statistics'],
};
