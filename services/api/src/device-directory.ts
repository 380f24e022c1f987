/** Lists devices of a tenant, a page at a time, in the order of their uids. */
import type { Configuration } from '@millrace/config';
import type { DeviceConfig } from '@millrace/contracts';

export interface DevicePage {
  readonly devices: readonly DeviceConfig[];
  /** Where the next page begins: after this uid; null: there is none. */
  readonly after: string | null;
}

export class DeviceDirectory {
  readonly #configuration: Configuration;
  /** Sorted once per change of the configuration, not once per request. */
  #sorted: Partial<Record<string, readonly DeviceConfig[]>> = {};
  #version = -1;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  /** At most `limit` devices behind the uid `after`; null: from the first. */
  page(tenant: string, after: string | null, limit: number): DevicePage {
    const all = this.#devicesOf(tenant);
    const first = after === null ? 0 : firstBehind(all, after);
    const devices = all.slice(first, first + limit);
    return { devices, after: first + limit < all.length ? (devices.at(-1)?.deviceUid ?? null) : null };
  }

  #devicesOf(tenant: string): readonly DeviceConfig[] {
    if (this.#version !== this.#configuration.version) {
      const sorted = [...this.#configuration.devices.values()].sort((a, b) => (a.deviceUid < b.deviceUid ? -1 : 1));
      this.#sorted = Object.groupBy(sorted, (device) => device.tenant);
      this.#version = this.#configuration.version;
    }
    return this.#sorted[tenant] ?? [];
  }
}

/** Binary search. */
function firstBehind(devices: readonly DeviceConfig[], uid: string): number {
  let low = 0;
  let high = devices.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (devices[middle]!.deviceUid <= uid) low = middle + 1;
    else high = middle;
  }
  return low;
}
