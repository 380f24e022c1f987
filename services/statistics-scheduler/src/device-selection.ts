/** Which devices a statistic is about, as the configuration says now. */
import { type Configuration, entityKey } from '@millrace/config';
import type { DeviceConfig, StatisticConfig } from '@millrace/contracts';

export class DeviceSelection {
  readonly #configuration: Pick<Configuration, 'version' | 'device' | 'devices'>;
  #byProduct = new Map<string, readonly DeviceConfig[]>();
  #version = -1;

  constructor(configuration: Pick<Configuration, 'version' | 'device' | 'devices'>) {
    this.#configuration = configuration;
  }

  /** The active devices of its product, or those that it names. */
  devicesOf({ tenant, productId, deviceUids }: StatisticConfig): readonly DeviceConfig[] {
    if (productId !== null) return this.#devicesOfProducts().get(entityKey(tenant, productId)) ?? [];
    return deviceUids.flatMap((deviceUid) => this.#configuration.device(tenant, deviceUid) ?? []);
  }

  /** Grouped once per change of the configuration, not once per window. */
  #devicesOfProducts(): ReadonlyMap<string, readonly DeviceConfig[]> {
    const { version, devices } = this.#configuration;
    if (this.#version !== version) {
      const active = [...devices.values()].filter(({ state }) => state === 'active');
      this.#byProduct = Map.groupBy(active, ({ tenant, productId }) => entityKey(tenant, productId));
      this.#version = version;
    }
    return this.#byProduct;
  }
}
