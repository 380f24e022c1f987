/** What is known of a device's signals: the latest values, and points over a range of time. */
import type { Configuration } from '@millrace/config';
import { type DeviceConfig, MillraceError } from '@millrace/contracts';
import {
  type BucketSeries,
  type CourseSeries,
  type LatestValues,
  type NamedPoint,
  type PageRange,
  type Point,
  type PointPages,
  type PointQuery,
  pointsTableOf,
  type SeriesQuery,
  type SeriesRange,
  type Trend,
  type TrendQuery,
  type TrendRange,
} from '@millrace/timeseries';
import { answeredInTime } from '../http/query-limit.ts';
import type { RequestedRange } from './requested-range.ts';

export type TrendSpan = Pick<TrendRange, 'fromMicros' | 'bucketMicros' | 'buckets'>;

export type WantedSeries = Omit<SeriesRange, 'table' | 'tenant'>;
export type WantedPoints = Omit<PageRange, 'table' | 'tenant'>;

export interface DataStores {
  readonly latest: Pick<LatestValues, 'read' | 'readMany'>;
  readonly points: Pick<PointQuery, 'range'>;
  readonly trends: Pick<TrendQuery, 'trends'>;
  readonly series: Pick<SeriesQuery, 'buckets' | 'course'>;
  readonly pages: Pick<PointPages, 'read'>;
}

export class DeviceData {
  readonly #configuration: Configuration;
  readonly #stores: DataStores;

  constructor(configuration: Configuration, stores: DataStores) {
    this.#configuration = configuration;
    this.#stores = stores;
  }

  /** Throws `not_found` for the first that does not exist: an answer without it would look as if it had sent nothing. */
  requireDevices(tenant: string, deviceUids: readonly string[]): void {
    for (const uid of deviceUids) this.#deviceOf(tenant, uid);
  }

  /** By signal; none for a device that never sent. Throws `not_found` or `cache_unavailable`. */
  async latest(tenant: string, deviceUid: string): Promise<ReadonlyMap<string, Point>> {
    this.#deviceOf(tenant, deviceUid);
    return this.#stores.latest.read(tenant, deviceUid);
  }

  /** By uid; devices that do not exist are left out. `signals`: none: all. Throws `invalid_field` or `cache_unavailable`. */
  async latestOfMany(
    tenant: string,
    deviceUids: readonly string[],
    signals: readonly string[] = [],
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, Point>>> {
    return this.#stores.latest.readMany(tenant, this.#existing(tenant, deviceUids), [...new Set(signals)]);
  }

  /** Throws `not_found` or `store_unavailable`. */
  async points(
    tenant: string,
    deviceUid: string,
    signal: string,
    range: RequestedRange,
    gone: AbortSignal,
  ): Promise<readonly Point[]> {
    this.#deviceOf(tenant, deviceUid);
    const asked = { ...range, table: this.#tableOf(tenant), tenant, device: deviceUid, signal };
    return answeredInTime((limit) => this.#stores.points.range(asked, limit), gone);
  }

  /** Of all numeric signals; devices that do not exist are left out. Throws `store_unavailable`. */
  async trends(
    tenant: string,
    deviceUids: readonly string[],
    span: TrendSpan,
    gone: AbortSignal,
  ): Promise<readonly Trend[]> {
    const devices = this.#existing(tenant, deviceUids);
    if (devices.length === 0) return [];
    const asked = { ...span, table: this.#tableOf(tenant), tenant, devices };
    return answeredInTime((limit) => this.#stores.trends.trends(asked, limit), gone);
  }

  /** Each series once; those of devices that do not exist are left out. Throws `store_unavailable`. */
  async buckets(tenant: string, wanted: WantedSeries, gone: AbortSignal): Promise<readonly BucketSeries[]> {
    return this.#ofSeries(tenant, wanted, (asked, limit) => this.#stores.series.buckets(asked, limit), gone);
  }

  /** The same as points that a line needs. */
  async course(tenant: string, wanted: WantedSeries, gone: AbortSignal): Promise<readonly CourseSeries[]> {
    return this.#ofSeries(tenant, wanted, (asked, limit) => this.#stores.series.course(asked, limit), gone);
  }

  /** All points of a range; no devices: of all. Throws `not_found` for a device that does not exist, then `store_unavailable`. */
  pages(tenant: string, wanted: WantedPoints, gone: AbortSignal): AsyncGenerator<readonly NamedPoint[]> {
    this.requireDevices(tenant, wanted.devices);
    return this.#untilDeleted(
      tenant,
      this.#stores.pages.read({ ...wanted, table: this.#tableOf(tenant), tenant }, gone),
    );
  }

  /** A file of a tenant that is deleted meanwhile breaks off. */
  async *#untilDeleted<T>(tenant: string, pages: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const page of pages) {
      if (this.#configuration.isDeleted(tenant))
        throw new MillraceError('tenant_deleted', `The tenant ${tenant} was deleted.`);
      yield page;
    }
  }

  async #ofSeries<T>(
    tenant: string,
    wanted: WantedSeries,
    query: (asked: SeriesRange, limit: AbortSignal) => Promise<readonly T[]>,
    gone: AbortSignal,
  ): Promise<readonly T[]> {
    const existing = wanted.series.filter(({ device }) => this.#configuration.device(tenant, device));
    if (existing.length === 0) return [];
    const series = [...new Map(existing.map((one) => [`${one.device}/${one.signal}`, one])).values()];
    const asked = { ...wanted, series, table: this.#tableOf(tenant), tenant };
    return answeredInTime((limit) => query(asked, limit), gone);
  }

  #existing(tenant: string, deviceUids: readonly string[]): readonly string[] {
    return [...new Set(deviceUids)].filter((uid) => this.#configuration.device(tenant, uid));
  }

  #deviceOf(tenant: string, deviceUid: string): DeviceConfig {
    const device = this.#configuration.device(tenant, deviceUid);
    if (device) return device;
    throw new MillraceError('not_found', `There is no device ${deviceUid}.`);
  }

  #tableOf(tenant: string): string {
    const found = this.#configuration.tenant(tenant);
    if (found) return pointsTableOf(found).name;
    throw new MillraceError('not_found', `There is no tenant ${tenant}.`);
  }
}
