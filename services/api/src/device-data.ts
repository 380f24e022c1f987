/** What is known of a device's signals: the latest values, and points over a range of time. */
import type { Configuration } from '@millrace/config';
import { type DeviceConfig, MillraceError, type TenantConfig } from '@millrace/contracts';
import {
  type LatestValues,
  type Point,
  type PointQuery,
  pointsTableOf,
  type Trend,
  type TrendQuery,
  type TrendRange,
} from '@millrace/timeseries';
import { answeredInTime } from './query-limit.ts';
import type { RequestedRange } from './requested-range.ts';

export type TrendSpan = Pick<TrendRange, 'fromMicros' | 'bucketMicros' | 'buckets'>;

export interface DataStores {
  readonly latest: Pick<LatestValues, 'read'>;
  readonly points: Pick<PointQuery, 'range'>;
  readonly trends: Pick<TrendQuery, 'trends'>;
}

export class DeviceData {
  readonly #configuration: Configuration;
  readonly #latest: Pick<LatestValues, 'read'>;
  readonly #points: Pick<PointQuery, 'range'>;
  readonly #trends: Pick<TrendQuery, 'trends'>;

  constructor(configuration: Configuration, { latest, points, trends }: DataStores) {
    this.#configuration = configuration;
    this.#latest = latest;
    this.#points = points;
    this.#trends = trends;
  }

  /** By signal; none for a device that never sent. Throws `not_found` or `cache_unavailable`. */
  async latest(tenant: string, deviceUid: string): Promise<ReadonlyMap<string, Point>> {
    this.#deviceOf(tenant, deviceUid);
    return this.#latest.read(tenant, deviceUid);
  }

  /** By uid; devices that do not exist are left out. Throws `cache_unavailable`. */
  async latestOfMany(
    tenant: string,
    deviceUids: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, Point>>> {
    const known = this.#existing(tenant, deviceUids);
    return new Map(await Promise.all(known.map(async (uid) => [uid, await this.#latest.read(tenant, uid)] as const)));
  }

  /** Throws `not_found` or `store_unavailable`. */
  async points(tenant: string, deviceUid: string, signal: string, range: RequestedRange): Promise<readonly Point[]> {
    this.#deviceOf(tenant, deviceUid);
    const { name: table } = pointsTableOf(this.#tenantOf(tenant));
    return answeredInTime((limit) => this.#points.range({ ...range, table, tenant, device: deviceUid, signal }, limit));
  }

  /** Of all numeric signals; devices that do not exist are left out. Throws `store_unavailable`. */
  async trends(tenant: string, deviceUids: readonly string[], span: TrendSpan): Promise<readonly Trend[]> {
    const devices = this.#existing(tenant, deviceUids);
    if (devices.length === 0) return [];
    const { name: table } = pointsTableOf(this.#tenantOf(tenant));
    return answeredInTime((limit) => this.#trends.trends({ ...span, table, tenant, devices }, limit));
  }

  #existing(tenant: string, deviceUids: readonly string[]): readonly string[] {
    return [...new Set(deviceUids)].filter((uid) => this.#configuration.device(tenant, uid));
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
