/** What the store has to know of a kind of entity; the rest of it is the business of who declares it. */
import type { ResourceName } from './tables.ts';

/** For a kind with so many rows that not each can be looked at. */
export interface SearchIndex {
  /** Everything that is searched, in lower case. */
  readonly column: string;
  /** Function of the database: gives the ids of rows in which the column is like a pattern, at most so many. */
  readonly find: string;
}

/** For lists of texts. */
export interface ListIndex {
  /** A JSON array of texts. */
  readonly column: string;
  /** Function of the database: gives the ids of rows in which the column has one of some texts, at most so many. */
  readonly find: string;
  /** The texts are ids of this kind, which is a tree: those that are below the one that is asked for count too. */
  readonly inTreeOf?: ResourceName;
}

/** A column that equals what is asked for, or a list that has it. */
export type ListFilter = string | ListIndex;

export interface ResourceKind {
  readonly name: ResourceName;
  /** What a list can be filtered by, by the name of the query's parameter. */
  readonly filters: Readonly<Record<string, ListFilter>>;
  /** Columns that a list can be sorted by, by the name in the query; never null. `id` always. */
  readonly sorts: Readonly<Record<string, string>>;
  /** Columns in which a search looks beside the id, or how an index finds what it is for. */
  readonly searched: readonly string[] | SearchIndex;
  /** Kinds whose bodies may refer to this one in a way that the tables' foreign keys do not know. */
  readonly referredToBy: readonly { readonly kind: ResourceName; readonly path: string }[];
}
