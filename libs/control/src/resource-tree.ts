/** Kinds of entities that are parts of others of their kind: a tree, by the column `parent_id`. */
import { type RawBuilder, sql, type Transaction } from 'kysely';
import { type Resource, type ResourceRow, resourceOf } from './resource.ts';
import type { ResourceName, Tables } from './tables.ts';

/** Factory, hall, line, machine, part, sensor and as many again. A question about a tree takes this many steps. */
export const treeLevelsMax = 16;

export interface TreeNode {
  readonly resource: Resource;
  /** The ids from the top of the question down to this one. */
  readonly path: readonly string[];
}

export type TreeFault = 'cycle' | 'too_deep';

export class ResourceTree {
  readonly #transaction: Transaction<Tables>;
  readonly #tenant: string;
  readonly #table: RawBuilder<unknown>;

  constructor(transaction: Transaction<Tables>, tenant: string, kind: ResourceName) {
    this.#transaction = transaction;
    this.#tenant = tenant;
    this.#table = sql.table(kind);
  }

  /** It and all below it, parents before their children, from behind that path. Empty: it is not there. */
  async below(id: string, behind: readonly string[], limit: number): Promise<readonly TreeNode[]> {
    const { rows } = await sql<ResourceRow & { readonly path: readonly string[] }>`
      WITH RECURSIVE tree AS (
        SELECT id, ARRAY[id] AS path FROM ${this.#table} WHERE tenant = ${this.#tenant} AND id = ${id}
        UNION ALL
        SELECT part.id, tree.path || part.id FROM tree JOIN ${this.#table} AS part ON part.parent_id = tree.id
        WHERE part.tenant = ${this.#tenant} AND cardinality(tree.path) < ${treeLevelsMax}
      )
      SELECT tree.path, it.tenant, it.id, it.revision, it.body, it.created_at, it.updated_at
      FROM tree JOIN ${this.#table} AS it ON it.tenant = ${this.#tenant} AND it.id = tree.id
      WHERE tree.path > ${[...behind]}::text[]
      ORDER BY tree.path LIMIT ${limit}`.execute(this.#transaction);
    return rows.map(({ path, ...row }) => ({ resource: resourceOf(row), path }));
  }

  /** From the top of its tree down to it. Empty: it is not there. */
  async above(id: string): Promise<readonly Resource[]> {
    const { rows } = await sql<ResourceRow & { readonly level: number }>`
      WITH RECURSIVE up AS (
        SELECT id, parent_id, 1 AS level FROM ${this.#table} WHERE tenant = ${this.#tenant} AND id = ${id}
        UNION ALL
        SELECT whole.id, whole.parent_id, up.level + 1 FROM up JOIN ${this.#table} AS whole ON whole.id = up.parent_id
        WHERE whole.tenant = ${this.#tenant} AND up.level < ${treeLevelsMax}
      )
      SELECT up.level, it.tenant, it.id, it.revision, it.body, it.created_at, it.updated_at
      FROM up JOIN ${this.#table} AS it ON it.tenant = ${this.#tenant} AND it.id = up.id
      ORDER BY up.level DESC`.execute(this.#transaction);
    return rows.map(({ level: _level, ...row }) => resourceOf(row));
  }

  /** Of those that were put elsewhere in this transaction, behind the lock of writers: which of them are wrong there. */
  async faults(ids: readonly string[]): Promise<ReadonlyMap<string, TreeFault>> {
    if (ids.length === 0) return new Map();
    const heights = await this.#heights(ids);
    const faults = new Map<string, TreeFault>();
    for (const { id, level, closed } of await this.#depths(ids))
      if (closed) faults.set(id, 'cycle');
      else if (level + heights.get(id)! - 1 > treeLevelsMax) faults.set(id, 'too_deep');
    return faults;
  }

  /** Steps up until the top, or until it comes to itself again. */
  async #depths(
    ids: readonly string[],
  ): Promise<readonly { readonly id: string; readonly level: number; readonly closed: boolean }[]> {
    const { rows } = await sql<{ id: string; level: number; closed: boolean }>`
      WITH RECURSIVE up AS (
        SELECT id AS start, parent_id, 1 AS level, false AS closed FROM ${this.#table}
        WHERE tenant = ${this.#tenant} AND id = ANY(${[...ids]}::text[])
        UNION ALL
        SELECT up.start, whole.parent_id, up.level + 1, whole.id = up.start
        FROM up JOIN ${this.#table} AS whole ON whole.id = up.parent_id
        WHERE whole.tenant = ${this.#tenant} AND NOT up.closed AND up.level <= ${treeLevelsMax}
      )
      SELECT start AS id, max(level) AS level, bool_or(closed) AS closed FROM up GROUP BY start`.execute(
      this.#transaction,
    );
    return rows;
  }

  async #heights(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { rows } = await sql<{ id: string; level: number }>`
      WITH RECURSIVE down AS (
        SELECT id AS start, id, 1 AS level FROM ${this.#table}
        WHERE tenant = ${this.#tenant} AND id = ANY(${[...ids]}::text[])
        UNION ALL
        SELECT down.start, part.id, down.level + 1 FROM down JOIN ${this.#table} AS part ON part.parent_id = down.id
        WHERE part.tenant = ${this.#tenant} AND down.level <= ${treeLevelsMax}
      )
      SELECT start AS id, max(level) AS level FROM down GROUP BY start`.execute(this.#transaction);
    return new Map(rows.map(({ id, level }) => [id, level]));
  }
}

/** An array of the id and all that are below it; null: it is not there. */
export function idsBelow(table: RawBuilder<unknown>, tenant: string | null, id: string): RawBuilder<unknown> {
  return sql`(
    WITH RECURSIVE tree AS (
      SELECT id, 1 AS level FROM ${table} WHERE tenant = ${tenant} AND id = ${id}
      UNION ALL
      SELECT part.id, tree.level + 1 FROM tree JOIN ${table} AS part ON part.parent_id = tree.id
      WHERE part.tenant = ${tenant} AND tree.level < ${treeLevelsMax}
    )
    SELECT array_agg(id) FROM tree
  )`;
}
