/** The texts that scripts had, for ever: tenants add versions and neither change nor delete them. And samples beside the script. */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { tenantRole } from '../tenant-role.ts';
import { confineToTenant } from './resource-table.ts';

export const scriptVersions: Migration = {
  async up(db: Kysely<unknown>) {
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
    await sql`UPDATE scripts SET body = '{"samples": []}' || body`.execute(db);
  },
};
