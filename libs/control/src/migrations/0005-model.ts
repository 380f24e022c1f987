/**
 * The texts that scripts had, for ever: tenants add versions and neither change nor delete them. Gateways of devices. Members that
 * came later get the defaults that their schemas have.
 */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { tenantRole } from '../tenant-role.ts';
import { createListIndex } from './device-lists.ts';
import { confineToTenant } from './resource-table.ts';

export const model: Migration = {
  async up(db: Kysely<unknown>) {
    await createScriptVersions(db);
    await sql`UPDATE scripts SET body = '{"samples": []}' || body`.execute(db);
    await sql`UPDATE products SET body = jsonb_set(body, '{signals}', (
        SELECT coalesce(jsonb_agg('{"type": "double", "min": null, "max": null}' || signal ORDER BY place), '[]')
        FROM jsonb_array_elements(body -> 'signals') WITH ORDINALITY AS signals (signal, place)
      )) WHERE body ? 'signals'`.execute(db);
    await sql`UPDATE devices SET body = '{"tags": [], "desired": {}, "reported": {}, "gatewayUid": null}' || body`.execute(
      db,
    );
    await sql`ALTER TABLE devices
      ADD COLUMN gateway_id text COLLATE "C" GENERATED ALWAYS AS (body ->> 'gatewayUid') STORED,
      ADD FOREIGN KEY (tenant, gateway_id) REFERENCES devices (tenant, id) DEFERRABLE INITIALLY DEFERRED`.execute(db);
    await sql`CREATE INDEX ON devices (tenant, gateway_id, id)`.execute(db);
    await createListIndex(db, { member: 'tags', column: 'tags', find: 'find_devices_by_tags' });
  },
};

async function createScriptVersions(db: Kysely<unknown>): Promise<void> {
  // Not of the script: points name versions of one that was deleted too.
  await sql`CREATE TABLE script_versions (
    tenant text COLLATE "C" NOT NULL REFERENCES tenants (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    script_id text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    language text NOT NULL,
    source text NOT NULL,
    hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, script_id, version)
  )`.execute(db);
  await confineToTenant(db, 'script_versions');
  await sql`GRANT SELECT, INSERT ON script_versions TO ${sql.ref(tenantRole)}`.execute(db);
  await sql`INSERT INTO script_versions (tenant, script_id, version, language, source, hash, created_at)
    SELECT tenant, id, (body ->> 'version')::integer, body ->> 'language', body ->> 'source',
      encode(sha256(convert_to(body ->> 'source', 'UTF8')), 'hex'), updated_at
    FROM scripts WHERE body ? 'source'`.execute(db);
}
