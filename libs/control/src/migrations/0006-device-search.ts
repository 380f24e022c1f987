/**
 * Devices are found by a part of a text without looking at each. A policy keeps PostgreSQL from using the index: an operator that might
 * tell of a row in an error is only asked about rows that the policy lets through. So a function of the owner uses it, which confines
 * itself to the tenant of the transaction. And a list of a product is sorted by name without sorting.
 */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { tenantRole } from '../tenant-role.ts';

export const deviceSearch: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`CREATE EXTENSION IF NOT EXISTS pg_trgm`.execute(db);
    // In the database's own collation letters beyond ASCII have cases too; the bytes are compared without one.
    await sql`ALTER TABLE devices ADD COLUMN search_text text COLLATE "C" GENERATED ALWAYS AS (lower(
      (id || E'\n' || coalesce(body ->> 'name', '') || E'\n' || coalesce(body ->> 'identificationCode', '')) COLLATE "default"
    )) STORED`.execute(db);
    // A change that touches no indexed column stays on its page, if there is room, and out of all indexes.
    await sql`ALTER TABLE devices SET (fillfactor = 80)`.execute(db);
    // What was written last waits in a list that each search reads, in kB.
    await sql`CREATE INDEX ON devices USING gin (search_text gin_trgm_ops) WITH (gin_pending_list_limit = 1024)`.execute(
      db,
    );
    await sql`CREATE INDEX ON devices (tenant, product_id, name, id)`.execute(db);

    const { rows } = await sql<{ name: string }>`SELECT current_schema() AS name`.execute(db);
    // The plan for a rare text is none for one that everything has, so there is no plan for all.
    await sql`CREATE FUNCTION find_devices(pattern text, most integer) RETURNS text[]
      LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ${sql.ref(rows[0]!.name)}, pg_temp
      SET plan_cache_mode = force_custom_plan
      AS $$
        SELECT coalesce(array_agg(id), '{}') FROM (
          SELECT id FROM devices
          WHERE tenant = current_setting('millrace.tenant', true) AND search_text LIKE pattern LIMIT most
        ) AS found
      $$`.execute(db);
    await sql`REVOKE EXECUTE ON FUNCTION find_devices FROM PUBLIC`.execute(db);
    await sql`GRANT EXECUTE ON FUNCTION find_devices TO ${sql.ref(tenantRole)}`.execute(db);
  },
};
