/** Metrics are defined before they are made, so that the reference and the checks know all of them without a running service. */
import { checkMetricName } from './metric-name.ts';

export type MetricType = 'counter' | 'gauge' | 'histogram';

export interface MetricDefinition<T extends MetricType = MetricType, L extends string = string> {
  readonly type: T;
  /** Without its prefix, which is `millrace_` for what every service may have, else `millrace_<service>_`. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly L[];
  /** Upper bounds; of histograms only. */
  readonly buckets: readonly number[];
  readonly common: boolean;
}

/** Latencies from a fast in-process step to a peer that is nearly given up. */
const latencySeconds: readonly number[] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];

/** Throws when the name or a label breaks the rule, as do the others. */
export function counter<const L extends string = never>(
  name: `${string}_total`,
  help: string,
  labels: readonly L[] = [],
): MetricDefinition<'counter', L> {
  return checked({ type: 'counter', name, help, labels, buckets: [], common: false });
}

export function gauge<const L extends string = never>(
  name: string,
  help: string,
  labels: readonly L[] = [],
): MetricDefinition<'gauge', L> {
  return checked({ type: 'gauge', name, help, labels, buckets: [], common: false });
}

/** Observes seconds, unless other bounds are given. */
export function histogram<const L extends string = never>(
  name: string,
  help: string,
  labels: readonly L[] = [],
  buckets: readonly number[] = latencySeconds,
): MetricDefinition<'histogram', L> {
  return checked({ type: 'histogram', name, help, labels, buckets, common: false });
}

/** The same definition for a metric that has one name in all services, so that one query sees all of them. */
export function common<D extends MetricDefinition>(definition: D): D {
  return { ...definition, common: true };
}

/** The name as Prometheus sees it. */
export function fullName({ name, common: ofAll }: MetricDefinition, service: string): string {
  return ofAll ? `millrace_${name}` : `millrace_${service.replaceAll('-', '_')}_${name}`;
}

function checked<D extends MetricDefinition>(definition: D): D {
  checkMetricName(definition.name, definition.labels);
  return definition;
}
