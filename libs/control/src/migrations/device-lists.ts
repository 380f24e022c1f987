/**
 * Devices are found by what stands in a list of theirs. A policy keeps PostgreSQL from using such an index (its operators might tell of
 * rows in an error), so a function of the owner uses it, which confines itself to the tenant of the transaction. Migrations that
 * are released use it, so it never changes.
 */
import { type Kysely, sql } from 'kysely';
import { tenantRole } from '../tenant-role.ts';

export interface DeviceList {
  /** Of the body: an array of texts. */
  readonly member: string;
  readonly column: string;
  readonly find: string;
}

export async function createListIndex(db: Kysely<unknown>, { member, column, find }: DeviceList): Promise<void> {
  // A column of its own: with an index on the body each change of a device would be written to all indexes.
  await sql`ALTER TABLE devices
    ADD COLUMN ${sql.ref(column)} jsonb GENERATED ALWAYS AS (body -> ${sql.lit(member)}) STORED`.execute(db);
  await sql`CREATE INDEX ON devices USING gin (${sql.ref(column)}) WITH (gin_pending_list_limit = 1024)`.execute(db);
  const { rows } = await sql<{ name: string }>`SELECT current_schema() AS name`.execute(db);
  await sql`CREATE FUNCTION ${sql.ref(find)}(wanted text[], most integer) RETURNS text[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ${sql.ref(rows[0]!.name)}, pg_temp
    SET plan_cache_mode = force_custom_plan
    AS $$
      SELECT coalesce(array_agg(id), '{}') FROM (
        SELECT id FROM devices
        WHERE tenant = current_setting('millrace.tenant', true) AND ${sql.ref(column)} ?| wanted LIMIT most
      ) AS found
    $$`.execute(db);
  await sql`REVOKE EXECUTE ON FUNCTION ${sql.ref(find)} FROM PUBLIC`.execute(db);
  await sql`GRANT EXECUTE ON FUNCTION ${sql.ref(find)} TO ${sql.ref(tenantRole)}`.execute(db);
}
