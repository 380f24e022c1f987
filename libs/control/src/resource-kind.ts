/** What the store has to know of a kind of entity; the rest of it is the business of who declares it. */
import type { ResourceName } from './tables.ts';

export interface ResourceKind {
  readonly name: ResourceName;
  /** Columns that a list can be filtered by, by the name of the query's parameter. */
  readonly filters: Readonly<Record<string, string>>;
  /** Columns that a list can be sorted by, by the name in the query; never null. `id` always. */
  readonly sorts: Readonly<Record<string, string>>;
  /** Columns in which a search looks beside the id. */
  readonly searched: readonly string[];
  /** Kinds whose bodies may refer to this one in a way that the tables' foreign keys do not know. */
  readonly referredToBy: readonly { readonly kind: ResourceName; readonly path: string }[];
}
