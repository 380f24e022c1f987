/** What happens has one name: its log line and its metric are defined in one place and cannot drift apart. */
import type { Log, LogFields, LogLevel } from './log.ts';
import { counter, type MetricDefinition } from './metric-definition.ts';
import type { Metrics } from './metrics.ts';

declare const fieldsOfEvent: unique symbol;

type MetricName = `${string}_total`;
type NoFields = Record<string, never>;

export interface EventDefinition<Fields extends object> {
  readonly level: LogLevel;
  /** Past tense, one sentence with a full stop, no values in it. */
  readonly sentence: string;
  /** Counter without `millrace_<service>_`. */
  readonly metric: MetricName | undefined;
  /** The field whose number is added to the counter; undefined: the counter counts events. */
  readonly addend: string | undefined;
  /** Only for the type. */
  readonly [fieldsOfEvent]?: (fields: Fields) => void;
}

type NumberField<Fields> = { [K in keyof Fields]: Fields[K] extends number ? K : never }[keyof Fields] & string;
type Definitions = Readonly<Record<string, EventDefinition<never>>>;
type FieldsOf<D> = D extends EventDefinition<infer Fields> ? Fields : never;

/** One function per event; call it per batch, never per message. */
export type Emitter<D extends Definitions> = {
  readonly [K in keyof D]: FieldsOf<D[K]> extends NoFields ? () => void : (fields: FieldsOf<D[K]>) => void;
};

/** `event<{ table: string; rows: number }>('debug', 'Batch stored.', 'rows_stored_total', 'rows')` */
export function event(level: LogLevel, sentence: string, metric?: MetricName): EventDefinition<NoFields>;
export function event<Fields extends object>(
  level: LogLevel,
  sentence: string,
  metric?: MetricName,
  addend?: NumberField<Fields>,
): EventDefinition<Fields>;
export function event(
  level: LogLevel,
  sentence: string,
  metric?: MetricName,
  addend?: string,
): EventDefinition<object> {
  return { level, sentence, metric, addend };
}

/** The events of a service by name. Throws when a sentence is none or two events share a metric. */
export function defineEvents<const D extends Definitions>(definitions: D): D {
  const metrics = new Set<string>();
  for (const [name, { sentence, metric }] of Object.entries(definitions)) {
    if (!/^[A-Z].*\.$/.test(sentence))
      throw new Error(`Event ${name}: "${sentence}" is not a sentence with a full stop.`);
    if (metric && metrics.has(metric)) throw new Error(`Event ${name}: another event counts ${metric} already.`);
    if (metric) metrics.add(metric);
  }
  return definitions;
}

/**
 * The functions to call; a line carries the event's name as `event`. Registers the counters at once, so that they stand at 0
 * before the first event.
 */
export function emitterOf<D extends Definitions>(definitions: D, log: Log, metrics: Metrics): Emitter<D> {
  const emits = Object.entries(definitions).map(([name, definition]) => [name, emitOf(name, definition, log, metrics)]);
  return Object.fromEntries(emits) as Emitter<D>;
}

function emitOf(event: string, definition: EventDefinition<never>, log: Log, metrics: Metrics) {
  const { level, sentence, addend } = definition;
  const counted = counterOf(definition);
  const total = counted && metrics.counter(counted);
  return (fields: LogFields = {}): void => {
    total?.inc(addend === undefined ? 1 : Number(fields[addend]));
    log.write(level, sentence, { event, ...fields });
  };
}

/** The metric that an event counts in, if it has one. */
export function counterOf({
  metric,
  sentence,
}: EventDefinition<never>): MetricDefinition<'counter', never> | undefined {
  return metric && counter(metric, sentence);
}
