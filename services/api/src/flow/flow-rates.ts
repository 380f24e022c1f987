/** How fast messages pass the hops of the services, from what their counters say at successive looks. */
import type { AccountingReport } from '@millrace/observe';

/** Rates are means over this time: steady enough to read, quick enough to see a change. */
const windowMs = 5_000;
/** After a pause in which nobody looked a mean would tell of long ago. */
const pauseMsMax = 15_000;

export interface HopRate {
  /** Messages per second. */
  readonly in: number;
  readonly out: number;
}

interface Look {
  readonly atMs: number;
  readonly counts: ReadonlyMap<string, HopRate>;
}

export class FlowRates {
  /** Oldest first: one that is at least `windowMs` old where there is one, then all younger ones. */
  #looks: readonly Look[] = [];

  /** `atMs`: monotonic. */
  add(atMs: number, reports: readonly AccountingReport[]): void {
    const recent = this.#looks.filter((look) => atMs - look.atMs < pauseMsMax);
    const first = Math.max(
      0,
      recent.findLastIndex((look) => atMs - look.atMs >= windowMs),
    );
    this.#looks = [...recent.slice(first), { atMs, counts: countsOf(reports) }];
  }

  /** Of all instances that could be asked at both ends of the time; undefined: there is only one look yet. */
  rateOf(service: string, hop: string): HopRate | undefined {
    const [first, last] = [this.#looks[0], this.#looks.at(-1)];
    if (!first || !last || first === last) return undefined;
    const seconds = (last.atMs - first.atMs) / 1_000;
    const rate = { in: 0, out: 0 };
    const prefix = keyOf(service, hop, '');
    for (const [key, now] of last.counts) {
      const before = key.startsWith(prefix) ? first.counts.get(key) : undefined;
      if (!before) continue;
      // Taken back messages lower `in`: what was given back did not pass.
      rate.in += Math.max(0, now.in - before.in) / seconds;
      rate.out += Math.max(0, now.out - before.out) / seconds;
    }
    return rate;
  }
}

/** A restarted instance counts from 0 again: it is another one. */
function countsOf(reports: readonly AccountingReport[]): ReadonlyMap<string, HopRate> {
  const counts = new Map<string, HopRate>();
  for (const { service, instance, startedAt, hops } of reports)
    for (const hop of hops) counts.set(keyOf(service, hop.hop, `${instance} ${startedAt}`), hop);
  return counts;
}

const keyOf = (service: string, hop: string, process: string): string => `${service}\n${hop}\n${process}`;
