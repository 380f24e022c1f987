/** What the platform makes for devices: certificates and the keys that sign them, and secrets by which devices register themselves. */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { tenantRole } from '../tenant-role.ts';
import { confineToTenant, grantToTenants } from './resource-table.ts';

const tables = ['authority_keys', 'issued_certificates', 'registration_secrets', 'registrations'];

export const enrolment: Migration = {
  async up(db: Kysely<unknown>) {
    // A repeated request that showed a secret makes another one: what is remembered of it changes.
    await sql`GRANT UPDATE ON idempotency_keys TO ${sql.ref(tenantRole)}`.execute(db);
    // In no outbox, so on no topic. Goes with its authority.
    await sql`CREATE TABLE authority_keys (
      tenant text COLLATE "C" NOT NULL,
      id text COLLATE "C" NOT NULL,
      sealed bytea NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant, id),
      FOREIGN KEY (tenant, id) REFERENCES certificate_authorities (tenant, id) ON DELETE CASCADE
    )`.execute(db);
    await sql`CREATE TABLE issued_certificates (
      tenant text COLLATE "C" NOT NULL,
      serial text COLLATE "C" NOT NULL,
      authority_id text COLLATE "C" NOT NULL,
      device_id text COLLATE "C" NOT NULL,
      certificate text NOT NULL,
      not_after timestamptz NOT NULL,
      issued_at timestamptz NOT NULL DEFAULT now(),
      revoked_at timestamptz,
      PRIMARY KEY (tenant, serial),
      FOREIGN KEY (tenant, authority_id) REFERENCES authority_keys (tenant, id) ON DELETE CASCADE
    )`.execute(db);
    await sql`CREATE INDEX ON issued_certificates (tenant, device_id)`.execute(db);
    await sql`CREATE INDEX ON issued_certificates (tenant, authority_id)`.execute(db);
    await sql`CREATE TABLE registration_secrets (
      tenant text COLLATE "C" NOT NULL,
      id text COLLATE "C" NOT NULL,
      product_id text COLLATE "C" NOT NULL,
      name text NOT NULL,
      hash text NOT NULL,
      expires_at timestamptz,
      devices_max integer NOT NULL,
      approval boolean NOT NULL,
      enabled boolean NOT NULL DEFAULT true,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant, id),
      FOREIGN KEY (tenant, product_id) REFERENCES products (tenant, id) DEFERRABLE INITIALLY DEFERRED
    )`.execute(db);
    await sql`CREATE INDEX ON registration_secrets (tenant, product_id)`.execute(db);
    // Of a uid, before there is a device and after it went: no references.
    await sql`CREATE TABLE registrations (
      tenant text COLLATE "C" NOT NULL,
      id text COLLATE "C" NOT NULL,
      secret_id text COLLATE "C" NOT NULL,
      product_id text COLLATE "C" NOT NULL,
      state text COLLATE "C" NOT NULL CHECK (state IN ('pending', 'approved', 'refused', 'enrolled')),
      since timestamptz NOT NULL,
      claim_hash text NOT NULL,
      credential jsonb,
      asked_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant, id),
      FOREIGN KEY (tenant) REFERENCES tenants (id) ON DELETE CASCADE
    )`.execute(db);
    await sql`CREATE INDEX ON registrations (tenant, secret_id)`.execute(db);
    await sql`CREATE INDEX ON registrations (tenant, state, id)`.execute(db);
    for (const name of tables) await confineToTenant(db, name);
    await grantToTenants(db, tables);
  },
};
