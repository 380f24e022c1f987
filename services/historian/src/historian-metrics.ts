/** What the historian measures beside its events. */
import { exportBreakers, gauge, type Metrics } from '@millrace/observe';
import type { Historian } from './historian.ts';

export const historianMetrics = {
  suspended: gauge(
    'suspended_tables',
    'Tables that QuestDB had suspended at the latest look, which resumes them. Missing while QuestDB does not answer.',
  ),
} as const;

export function exportStore(metrics: Metrics, historian: Historian): void {
  exportBreakers(metrics, ['questdb'], () => [{ peer: 'questdb', state: historian.storeState }]);
  metrics.measured(historianMetrics.suspended, () => {
    const value = historian.suspendedTables;
    return value === undefined ? [] : [{ labels: {}, value }];
  });
}
