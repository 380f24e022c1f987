/** The alarm evaluator as a service: points in; alarm events and checkpoints out. */
import { topics } from '@millrace/contracts';
import type { ServiceDefinition } from '@millrace/platform';
import { evaluatorVariables } from './environment.ts';
import { EvaluatorModule } from './evaluator.module.ts';

export const evaluatorService: ServiceDefinition = {
  name: 'alarm-evaluator',
  module: EvaluatorModule,
  environment: evaluatorVariables,
  groupVariable: 'MILLRACE_ALARM_EVALUATOR_GROUP',
  topics: [topics.points, topics.pointsDeadLetters, topics.alarmEvents, topics.alarmStates],
  configuration: ['tenants', 'devices', 'alarmRules'],
};
