/**
 * One quota per second of all tenants in this process: what each may take now, and what it has taken. The limit is the tenant's in the
 * whole installation; how much of it is ours follows from what others take, see `usage-exchange.ts` and ADR 022.
 */
import type { TenantConfig, TenantUse } from '@millrace/contracts';
import { type Clock, TokenBucket } from '@millrace/kernel';
import { fairShare } from './fair-share.ts';

export type RateQuotaName = 'messagesPerSecond' | 'pointsPerSecond' | 'scriptCpuMsPerSecond';

/** The tenants as the configuration says now; its `Configuration` is one. Asked often: answers from memory. */
export interface TenantDirectory {
  /** Counts every change. */
  readonly version: number;
  tenant(tenant: string): TenantConfig | undefined;
}

export interface Shortage {
  readonly limit: number;
  /** By the clock of the lane. */
  readonly retryAfterMs: number;
}

/** A part of the work with a time of its own, such as a partition that is worked off late. */
export interface Lane {
  readonly name: number;
  /** Now, in milliseconds of the lane's own clock. */
  readonly nowMs: number;
}

/** Tokens that wait for a burst. Devices that report at the full minute, or after an outage, come together. */
export const reserveSeconds = 5;

/** A lane that nobody used for so many measurements is forgotten, unless it has a debt. */
const idleMeasurementsMax = 60;

interface LaneRate {
  readonly bucket: TokenBucket;
  taken: number;
  refused: boolean;
  /** When something was asked for since the last measurement, first (undefined: not at all) and last. */
  firstMs: number | undefined;
  latestMs: number;
  /** As in `fairShare`, by the last measurement. */
  perSecond: number;
  idleMeasurements: number;
}

interface TenantRate {
  limit: number;
  /** What other processes take. */
  others: readonly number[];
  readonly lanes: Map<number, LaneRate>;
}

export class RateQuota {
  readonly name: RateQuotaName;
  readonly #tenants: TenantDirectory;
  readonly #clock: Clock;
  /** Null: there is no limit. */
  readonly #rates = new Map<string, TenantRate | null>();
  #version = -1;

  constructor(name: RateQuotaName, tenants: TenantDirectory, clock: Clock) {
    this.name = name;
    this.#tenants = tenants;
    this.#clock = clock;
  }

  /** Undefined: they were taken; else none was, and what is short. Without a lane the time is the machine's. */
  take(tenant: string, tokens: number, lane?: Lane): Shortage | undefined {
    const rate = this.#rateOf(tenant);
    if (rate === null) return undefined;
    const nowMs = lane?.nowMs ?? this.#clock.monotonicMs();
    const one = laneAt(rate, lane?.name ?? ownLane, nowMs);
    const retryAfterMs = one.bucket.take(tokens, nowMs);
    if (retryAfterMs === 0) {
      one.taken += tokens;
      return undefined;
    }
    one.refused = true;
    return { limit: rate.limit, retryAfterMs };
  }

  /** Undefined: more is left than comes in `keptSeconds`. Takes nothing; whoever is short counts as one that wants more. */
  shortage(tenant: string, keptSeconds = 0): Shortage | undefined {
    const rate = this.#rateOf(tenant);
    if (rate === null) return undefined;
    const nowMs = this.#clock.monotonicMs();
    const one = laneAt(rate, ownLane, nowMs);
    const retryAfterMs = one.bucket.waitMs(keptSeconds, nowMs);
    if (retryAfterMs === 0) return undefined;
    one.refused = true;
    return { limit: rate.limit, retryAfterMs };
  }

  /** What some work has cost: taken whatever is left, and a debt beyond that. */
  charge(tenant: string, tokens: number): void {
    const rate = this.#rateOf(tenant);
    if (rate === null) return;
    const nowMs = this.#clock.monotonicMs();
    const one = laneAt(rate, ownLane, nowMs);
    one.bucket.spend(tokens, nowMs);
    one.taken += tokens;
  }

  /** Nothing came of what was taken. */
  giveBack(tenant: string, tokens: number, lane = ownLane): void {
    const one = this.#rates.get(tenant)?.lanes.get(lane);
    if (!one) return;
    one.taken -= tokens;
    one.bucket.giveBack(tokens);
  }

  /** What was taken in a second since the last call, which was `intervalMs` ago; each lane is a taker. */
  measure(intervalMs: number): readonly TenantUse[] {
    const uses: TenantUse[] = [];
    for (const [tenant, rate] of this.#rates)
      for (const [name, lane] of rate?.lanes ?? []) {
        this.#measureLane(lane, name, intervalMs);
        if (this.#isForgotten(lane, name)) rate?.lanes.delete(name);
        if (lane.perSecond > 0) uses.push({ tenant, perSecond: lane.perSecond === Infinity ? null : lane.perSecond });
      }
    return uses;
  }

  /** Divides each limit anew. `others`: what other processes take, by tenant. */
  share(others: ReadonlyMap<string, readonly number[]>): void {
    for (const [tenant, rate] of this.#rates) {
      if (rate === null) continue;
      rate.others = others.get(tenant) ?? [];
      this.#divide(rate);
    }
  }

  /** Who is in debt takes all that it may get, even if nobody asks: it is paying for what it took. */
  #measureLane(lane: LaneRate, name: number, intervalMs: number): void {
    const elapsedMs = Math.max(intervalMs, lane.latestMs - (lane.firstMs ?? lane.latestMs));
    const paysOff = name === ownLane || lane.firstMs !== undefined;
    const wantsMore = lane.refused || (paysOff && lane.bucket.isEmpty(this.#presentMs(lane, name)));
    lane.perSecond = wantsMore ? Infinity : (Math.max(0, lane.taken) / elapsedMs) * 1_000;
    lane.idleMeasurements = lane.firstMs === undefined ? lane.idleMeasurements + 1 : 0;
    lane.firstMs = undefined;
    lane.taken = 0;
    lane.refused = false;
  }

  #isForgotten(lane: LaneRate, name: number): boolean {
    return lane.idleMeasurements > idleMeasurementsMax && !lane.bucket.isEmpty(this.#presentMs(lane, name));
  }

  #divide(rate: TenantRate): void {
    for (const [name, { bucket }] of rate.lanes) {
      const share = shareOf(rate, name);
      bucket.change(share, share * reserveSeconds, this.#presentMs(rate.lanes.get(name)!, name));
    }
  }

  /** A lane's own clock is known only from what was handed in. */
  #presentMs({ latestMs }: LaneRate, name: number): number {
    return name === ownLane ? this.#clock.monotonicMs() : latestMs;
  }

  #rateOf(tenant: string): TenantRate | null {
    if (this.#version !== this.#tenants.version) this.#refresh();
    const known = this.#rates.get(tenant);
    if (known !== undefined) return known;
    const limit = this.#limitOf(tenant);
    const rate = limit === null ? null : { limit, others: [], lanes: new Map() };
    // Names that somebody invented must not fill the memory.
    if (this.#tenants.tenant(tenant)) this.#rates.set(tenant, rate);
    return rate;
  }

  /** What was taken stays taken under the new limit. */
  #refresh(): void {
    this.#version = this.#tenants.version;
    for (const [tenant, rate] of this.#rates) {
      const limit = this.#limitOf(tenant);
      if (rate === null || limit === null) this.#rates.delete(tenant);
      else if (rate.limit !== limit) {
        rate.limit = limit;
        this.#divide(rate);
      }
    }
  }

  #limitOf(tenant: string): number | null {
    return this.#tenants.tenant(tenant)?.quotas?.[this.name] ?? null;
  }
}

/** The one whose time is the machine's. */
const ownLane = -1;

/** In use at this time of its. */
function laneAt(rate: TenantRate, name: number, nowMs: number): LaneRate {
  const lane = rate.lanes.get(name) ?? openLane(rate, name, nowMs);
  lane.firstMs ??= nowMs;
  if (nowMs > lane.latestMs) lane.latestMs = nowMs;
  return lane;
}

function openLane(rate: TenantRate, name: number, nowMs: number): LaneRate {
  const share = shareOf(rate, name);
  const lane: LaneRate = {
    bucket: new TokenBucket(share, share * reserveSeconds, nowMs),
    taken: 0,
    refused: false,
    firstMs: undefined,
    latestMs: nowMs,
    perSecond: 0,
    idleMeasurements: 0,
  };
  rate.lanes.set(name, lane);
  return lane;
}

function shareOf({ limit, others, lanes }: TenantRate, name: number): number {
  const own = [...lanes].flatMap(([other, { perSecond }]) => (other === name || perSecond === 0 ? [] : [perSecond]));
  return fairShare(limit, [...others, ...own]);
}
