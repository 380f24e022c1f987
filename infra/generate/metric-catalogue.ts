/** All metrics that services define, read from their definitions; what Node itself shows is not among them. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { counterOf, type EventDefinition, fullName, type MetricDefinition } from '@millrace/observe';

export interface CatalogueEntry {
  /** As Prometheus sees it; of a histogram without `_bucket`, `_sum` and `_count`. */
  readonly name: string;
  /** `undefined`: every service. */
  readonly service: string | undefined;
  readonly definition: MetricDefinition;
}

const root = join(import.meta.dirname, '..', '..');

/** Definitions live in files of these names, as the values of an exported object. */
const patterns = ['{libs,services}/*/src/**/*-metrics.ts', '{libs,services}/*/src/**/*-events.ts'];

/** Sorted: first what all services share, then by service and name. */
export async function metricCatalogue(): Promise<readonly CatalogueEntry[]> {
  const files = globSync(patterns, { cwd: root }).toSorted();
  const entries = (await Promise.all(files.map(entriesOf))).flat();
  return entries.toSorted((one, other) => (sortName(one) < sortName(other) ? -1 : 1));
}

const sortName = ({ service, name }: CatalogueEntry): string => `${service ?? ''} ${name}`;

async function entriesOf(file: string): Promise<readonly CatalogueEntry[]> {
  const exported = (await import(join(root, file))) as Readonly<Record<string, unknown>>;
  const definitions = Object.values(exported).flatMap((one) =>
    typeof one === 'object' && one !== null ? Object.values(one).flatMap(definitionOf) : [],
  );
  const [folder, owner = ''] = file.split('/');
  return definitions.map((definition) => {
    if (folder === 'libs' && !definition.common) throw new Error(`${file}: ${definition.name} is of no service.`);
    const service = definition.common ? undefined : owner;
    return { name: fullName(definition, owner), service, definition };
  });
}

function definitionOf(one: object): readonly MetricDefinition[] {
  if ('help' in one && 'buckets' in one) return [one as MetricDefinition];
  const counted = 'sentence' in one ? counterOf(one as EventDefinition<never>) : undefined;
  return counted ? [counted] : [];
}
