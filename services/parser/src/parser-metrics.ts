/** What the parser measures beside its events. */
import { gauge, type Metrics } from '@millrace/observe';
import type { ParkedDevices } from './parked-devices.ts';

export const parserMetrics = {
  parkedDevices: gauge(
    'parked_devices',
    'Devices whose messages wait for the second group, because their script is slow or their tenant has used up its CPU time.',
  ),
} as const;

export function exportParkedDevices(metrics: Metrics, devices: ParkedDevices): void {
  metrics.measured(parserMetrics.parkedDevices, () => [{ labels: {}, value: devices.count }]);
}
