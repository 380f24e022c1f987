/** Metrics of a process, made from their definitions. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { fullName, type MetricDefinition, type MetricType } from './metric-definition.ts';

/** One time series of a metric that is kept elsewhere, read when Prometheus asks. */
export interface Sample<L extends string> {
  readonly labels: Readonly<Record<L, string>>;
  readonly value: number;
}

type Read<L extends string> = () => readonly Sample<L>[] | Promise<readonly Sample<L>[]>;

/** Each method throws when the name is taken. */
export class Metrics {
  readonly registry = new Registry();
  readonly #service: string;

  constructor(service: string) {
    this.#service = service;
  }

  /** Take `labels(...)` of it once, outside of the hot path. */
  counter<L extends string>(definition: MetricDefinition<'counter', L>): Counter<L> {
    return new Counter<L>(this.#configuration(definition));
  }

  /** A counter whose numbers are counted elsewhere. */
  counted<L extends string>(definition: MetricDefinition<'counter', L>, read: Read<L>): void {
    const collect = async (): Promise<void> => {
      const samples = await read();
      made.reset();
      for (const { labels, value } of samples) made.inc(labels, value);
    };
    const made = new Counter<L>({ ...this.#configuration(definition), collect });
  }

  /** Set by its owner: for what changes rarely. */
  gauge<L extends string>(definition: MetricDefinition<'gauge', L>): Gauge<L> {
    return new Gauge<L>(this.#configuration(definition));
  }

  /** A gauge that is read from what it measures. A read that fails fails the whole answer: catch what may. */
  measured<L extends string>(definition: MetricDefinition<'gauge', L>, read: Read<L>): void {
    const collect = async (): Promise<void> => {
      const samples = await read();
      made.reset();
      for (const { labels, value } of samples) made.set(labels, value);
    };
    const made = new Gauge<L>({ ...this.#configuration(definition), collect });
  }

  histogram<L extends string>(definition: MetricDefinition<'histogram', L>): Histogram<L> {
    return new Histogram<L>({ ...this.#configuration(definition), buckets: [...definition.buckets] });
  }

  /** CPU, memory, event loop and garbage collection of this process under their usual names (`process_*`, `nodejs_*`). */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  #configuration<L extends string>(definition: MetricDefinition<MetricType, L>) {
    const { help, labels } = definition;
    return { name: fullName(definition, this.#service), help, labelNames: labels, registers: [this.registry] };
  }
}
