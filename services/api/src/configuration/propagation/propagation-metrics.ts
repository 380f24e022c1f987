/** What the api measures of the way of the configuration to the services. */
import { gauge } from '@millrace/observe';

export const propagationMetrics = {
  pending: gauge(
    'configuration_pending_seconds',
    'Age of the oldest published change that some instance has not applied; 0: there is none.',
  ),
  behind: gauge(
    'configuration_behind_instances',
    'Instances that have not applied all of the published configuration.',
  ),
} as const;
