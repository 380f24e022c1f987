/** Metrics of a process under one naming rule: `millrace_<service>_<what>_<unit|total>`, base units. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { checkMetricName } from './metric-name.ts';

/** Latencies from a fast in-process step to a peer that is nearly given up. */
const latencySeconds: readonly number[] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];

/** One time series of a metric that is kept elsewhere, read when Prometheus asks. */
export interface Sample<L extends string> {
  readonly labels: Readonly<Record<L, string>>;
  readonly value: number;
}

/** Names are given without `millrace_<service>_`. Each method throws when a name breaks the rule or is taken. */
export class Metrics {
  readonly registry = new Registry();
  readonly #prefix: string;

  constructor(service: string) {
    this.#prefix = `millrace_${service.replaceAll('-', '_')}_`;
  }

  /** Take `labels(...)` of it once, outside of the hot path. */
  counter<const L extends string = never>(
    name: `${string}_total`,
    help: string,
    labelNames: readonly L[] = [],
  ): Counter<L> {
    return new Counter<L>(this.#describe(name, help, labelNames));
  }

  /** A counter whose numbers are counted elsewhere. */
  counted<const L extends string>(
    name: `${string}_total`,
    help: string,
    labelNames: readonly L[],
    read: () => readonly Sample<L>[],
  ): void {
    const collect = (): void => {
      counter.reset();
      for (const { labels, value } of read()) counter.inc(labels, value);
    };
    const counter = new Counter<L>({ ...this.#describe(name, help, labelNames), collect });
  }

  /** Set by its owner: for what changes rarely. */
  gauge<const L extends string = never>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> {
    return new Gauge<L>(this.#describe(name, help, labelNames));
  }

  /** A gauge that is read from what it measures. */
  measured<const L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    read: () => readonly Sample<L>[],
  ): void {
    const collect = (): void => {
      gauge.reset();
      for (const { labels, value } of read()) gauge.set(labels, value);
    };
    const gauge = new Gauge<L>({ ...this.#describe(name, help, labelNames), collect });
  }

  /** Observes seconds, unless other bounds are given. */
  histogram(name: string, help: string, buckets: readonly number[] = latencySeconds): Histogram {
    return new Histogram({ ...this.#describe(name, help, []), buckets: [...buckets] });
  }

  /** CPU, memory, event loop and garbage collection of this process under their usual names (`process_*`, `nodejs_*`). */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  #describe<L extends string>(name: string, help: string, labelNames: readonly L[]) {
    checkMetricName(name, labelNames);
    return { name: this.#prefix + name, help, labelNames, registers: [this.registry] };
  }
}
