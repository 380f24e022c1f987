/** What is known of a device's signals: the latest values, and points over a range of time. */
import type { Configuration } from '@millrace/config';
import { type DeviceConfig, MillraceError, type TenantConfig } from '@millrace/contracts';
import { type LatestValues, type Point, type PointQuery, pointsTableOf } from '@millrace/timeseries';
import { answeredInTime } from './query-limit.ts';
import type { RequestedRange } from './requested-range.ts';

export class DeviceData {
  readonly #configuration: Configuration;
  readonly #latest: Pick<LatestValues, 'read'>;
  readonly #points: Pick<PointQuery, 'range'>;

  constructor(configuration: Configuration, latest: Pick<LatestValues, 'read'>, points: Pick<PointQuery, 'range'>) {
    this.#configuration = configuration;
    this.#latest = latest;
    this.#points = points;
  }

  /** By signal; none for a device that never sent. Throws `not_found` or `cache_unavailable`. */
  async latest(tenant: string, deviceUid: string): Promise<ReadonlyMap<string, Point>> {
    this.#deviceOf(tenant, deviceUid);
    return this.#latest.read(tenant, deviceUid);
  }

  /** Throws `not_found` or `store_unavailable`. */
  async points(tenant: string, deviceUid: string, signal: string, range: RequestedRange): Promise<readonly Point[]> {
    this.#deviceOf(tenant, deviceUid);
    const { name: table } = pointsTableOf(this.#tenantOf(tenant));
    return answeredInTime((limit) => this.#points.range({ ...range, table, tenant, device: deviceUid, signal }, limit));
  }

  #deviceOf(tenant: string, deviceUid: string): DeviceConfig {
    const device = this.#configuration.device(tenant, deviceUid);
    if (device) return device;
    throw new MillraceError('not_found', `There is no device ${deviceUid}.`);
  }

  #tenantOf(tenant: string): TenantConfig {
    const found = this.#configuration.tenant(tenant);
    if (found) return found;
    throw new MillraceError('not_found', `There is no tenant ${tenant}.`);
  }
}
