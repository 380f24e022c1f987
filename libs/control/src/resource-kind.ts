/** What the store has to know of a kind of entity; the rest of it is the business of who declares it. */
import type { Body, ResourceName } from './tables.ts';

export interface Reference {
  readonly kind: ResourceName;
  readonly id: string;
  /** Where it stands in the body: `notify[0].channelId`. */
  readonly field: string;
}

export interface ResourceKind {
  readonly name: ResourceName;
  /** Columns that a list can be filtered by, by the name of the query's parameter. */
  readonly filters: Readonly<Record<string, string>>;
  /** Columns that a list can be sorted by, by the name in the query; never null. `id` always. */
  readonly sorts: Readonly<Record<string, string>>;
  /** Columns in which a search looks beside the id. */
  readonly searched: readonly string[];
  /** What its body refers to beside what the table's own foreign keys say. */
  referencesOf(body: Body): readonly Reference[];
  /** Kinds whose bodies may refer to this one in such a way. */
  readonly referredToBy: readonly { readonly kind: ResourceName; readonly path: string }[];
}
