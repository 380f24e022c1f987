/** Tenants that are being erased, or were: what was done, for good. A tenant sees its own row, so that its changes are refused. */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { tenantRole } from '../tenant-role.ts';
import { confineToTenant } from './resource-table.ts';

export const erasures: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`CREATE TABLE erasures (
      tenant text COLLATE "C" PRIMARY KEY,
      state text NOT NULL CHECK (state IN ('waiting', 'running', 'failed', 'done')),
      asked_by text NOT NULL,
      asked_at timestamptz NOT NULL DEFAULT now(),
      position bigint NOT NULL,
      steps jsonb NOT NULL DEFAULT '[]',
      expires jsonb NOT NULL DEFAULT '[]',
      attempts integer NOT NULL DEFAULT 0,
      failure jsonb,
      next_attempt_at timestamptz NOT NULL DEFAULT now(),
      done_at timestamptz
    )`.execute(db);
    await confineToTenant(db, 'erasures');
    await sql`GRANT SELECT ON erasures TO ${sql.ref(tenantRole)}`.execute(db);
  },
};
