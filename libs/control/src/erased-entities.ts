/** What PostgreSQL has of a tenant, and how it goes. */
import { sql, type Transaction } from 'kysely';
import type { Database } from './database.ts';
import { changeStep, sumOf } from './erasure-row.ts';
import { ResourceRows } from './resource-rows.ts';
import type { Body, ResourceName, Tables } from './tables.ts';

/** What it has beside the entities; what refers to others goes first. */
export const ownTables = [
  'registrations',
  'registration_secrets',
  'issued_certificates',
  'authority_keys',
  'script_versions',
] as const;

/** In one transaction: writers of the configuration wait for it. */
const rowsMax = 1_000;

export class ErasedEntities {
  readonly #database: Database;
  readonly #kinds: readonly ResourceName[];

  /** `kinds`: of what a tenant has, in the order in which it is deleted. */
  constructor(database: Database, kinds: readonly ResourceName[]) {
    this.#database = database;
    this.#kinds = kinds;
  }

  /**
   * Deletes what the tenant has configured and counts that in the receipt; then all that the tenant
   * itself says. Gives the position of the last change.
   */
  async delete(tenant: string, step: string, erased: (body: Body) => Body, signal: AbortSignal): Promise<bigint> {
    await this.#database.transaction(async (transaction) => {
      for (const name of ownTables) {
        const gone = await transaction.deleteFrom(name).where('tenant', '=', tenant).executeTakeFirst();
        const removed = [{ name, unit: 'rows', count: Number(gone.numDeletedRows) }] as const;
        await changeStep(transaction, tenant, step, (it) => ({ ...it, removed: sumOf(it.removed, removed) }));
      }
    });
    for (const kind of this.#kinds)
      for (let deleted = rowsMax; deleted > 0;) {
        signal.throwIfAborted();
        deleted = await this.#database.transaction(async (transaction) => {
          const count = await deleteSome(transaction, tenant, kind);
          await changeStep(transaction, tenant, step, (it) => ({
            ...it,
            removed: sumOf(it.removed, [{ name: kind, unit: 'entities', count }]),
          }));
          return count;
        });
      }
    return this.#database.transaction(async (transaction) => {
      const rows = new ResourceRows(transaction, tenant, 'erasing');
      const before = (await rows.lock('tenants', tenant))!;
      const [after] = await rows.write('tenants', [{ id: tenant, body: erased(before.body), before }]);
      return after!.revision;
    });
  }

  /** Forgets what was changed before this position, which is published, what was answered to whom, and the texts that scripts had. */
  async deleteTraces(tenant: string, step: string, before: bigint): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      const changes = await transaction
        .deleteFrom('outbox')
        .where('tenant', '=', tenant)
        .where('position', '<', before)
        .executeTakeFirst();
      const answers = await transaction.deleteFrom('idempotency_keys').where('tenant', '=', tenant).executeTakeFirst();
      const removed = [
        { name: 'outbox', unit: 'rows', count: Number(changes.numDeletedRows) },
        { name: 'idempotency_keys', unit: 'rows', count: Number(answers.numDeletedRows) },
      ] as const;
      await changeStep(transaction, tenant, step, (it) => ({ ...it, removed: sumOf(it.removed, removed) }));
    });
  }

  /** How much the tables have of the tenant, beside its name in the tenant itself and in the receipt. */
  async count(tenant: string): Promise<number> {
    const counts = [...this.#kinds, ...ownTables, 'idempotency_keys' as const].map(
      (name) => sql`SELECT count(*) AS count FROM ${sql.table(name)} WHERE tenant = ${tenant}`,
    );
    const { rows } = await sql<{ readonly count: number }>`
      SELECT sum(count)::int AS count FROM (${sql.join(counts, sql` UNION ALL `)}) AS counts`.execute(
      this.#database.db,
    );
    return rows[0]!.count;
  }
}

/** Gives how many it were; 0: there are no more. Of a tree the leaves go first. */
async function deleteSome(transaction: Transaction<Tables>, tenant: string, kind: ResourceName): Promise<number> {
  const table = sql.table(kind);
  const conditions = [sql`it.tenant = ${tenant}`];
  for (const column of await referencesToItself(transaction, kind))
    conditions.push(sql`NOT EXISTS (
      SELECT FROM ${table} AS other WHERE other.tenant = it.tenant AND other.${sql.ref(column)} = it.id AND other.id <> it.id)`);
  const { rows } = await sql<{ readonly id: string }>`
    SELECT id FROM ${table} AS it WHERE ${sql.join(conditions, sql` AND `)} LIMIT ${rowsMax}`.execute(transaction);
  const ids = rows.map(({ id }) => id);
  await new ResourceRows(transaction, tenant, 'erasing').delete(kind, ids);
  return ids.length;
}

/** Columns by which rows of a table refer to others of it: `(tenant, column)` to `(tenant, id)`. */
async function referencesToItself(transaction: Transaction<Tables>, table: string): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly column: string }>`
    SELECT attname AS column FROM pg_constraint
    JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[2]
    WHERE contype = 'f' AND conrelid = confrelid AND conrelid = ${table}::regclass`.execute(transaction);
  return rows.map(({ column }) => column);
}
