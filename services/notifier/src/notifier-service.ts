/** The notifier as a service: alarm events in; notifications and the ledger of attempts out. */
import { topics } from '@millrace/contracts';
import type { ServiceDefinition } from '@millrace/platform';
import { notifierVariables } from './environment.ts';
import { NotifierModule } from './notifier.module.ts';

export const notifierService: ServiceDefinition = {
  name: 'notifier',
  module: NotifierModule,
  environment: notifierVariables,
  groupVariable: 'MILLRACE_NOTIFIER_GROUP',
  topics: [topics.alarmEvents, topics.alarmEventsDeadLetters, topics.notificationAttempts],
  configuration: ['tenants', 'products', 'devices', 'channels', 'templates', 'alarmRules'],
};
