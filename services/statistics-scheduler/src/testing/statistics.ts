/** Configuration for the tests of this service: a test names only what matters to it. */
import type { DeviceConfig, StatisticConfig } from '@millrace/contracts';
import { type AnyDevice, anyDevice } from '@millrace/testkit';

export function statisticOf(overrides: Partial<StatisticConfig> = {}): StatisticConfig {
  return {
    tenant: 'mill',
    statisticId: 'mean-temperature',
    version: 1,
    name: 'Mean temperature',
    cron: '0 * * * *',
    timeZone: 'UTC',
    leadTimeSeconds: null,
    graceSeconds: 0,
    productId: 'oven',
    deviceUids: [],
    inputs: [{ name: 'input', signal: 'temperature' }],
    aggregation: 'mean',
    scriptId: null,
    enabled: true,
    ...overrides,
  };
}

export function deviceOf(deviceUid: string, overrides: Partial<AnyDevice> = {}): DeviceConfig {
  return anyDevice('mill', deviceUid, { productId: 'oven', ...overrides });
}
