/**
 * Entities, one table each, all of one form: the body is the entity as it is published, and what is searched, sorted, unique or
 * refers to another entity is a column generated from it. The outbox has every change until some time after it was published.
 *
 * The second wall around a tenant: requests work as the role `millrace_tenant`, which sees the rows of the tenant that the
 * transaction names in `millrace.tenant`, and of none when it names none. The first wall is the condition in every query.
 */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { tenantRole } from '../tenant-role.ts';
import { type Column, column, confineToTenant, createResourceTable, grantToTenants } from './resource-table.ts';

const label: Column = { name: 'name', from: 'name', sorted: true };

/** In an order in which what is referred to comes first. */
const tables: Readonly<Record<string, readonly Column[]>> = {
  tenants: [label],
  scripts: [],
  products: [label, column('script_id', 'scriptId', 'scripts')],
  devices: [
    label,
    column('state', 'state'),
    column('product_id', 'productId', 'products'),
    column('identification_code', 'identificationCode'),
  ],
  api_keys: [],
  channels: [column('plugin', 'kind')],
  templates: [],
  alarm_rules: [label, column('product_id', 'productId', 'products'), column('device_id', 'deviceUid', 'devices')],
  statistics: [label, column('product_id', 'productId', 'products'), column('script_id', 'scriptId', 'scripts')],
};

export const resources: Migration = {
  async up(db: Kysely<unknown>) {
    await createTenantRole(db);
    await sql`CREATE SEQUENCE outbox_position AS bigint`.execute(db);
    for (const [name, columns] of Object.entries(tables)) await createResourceTable(db, name, columns);
    await sql`ALTER TABLE devices ADD UNIQUE (tenant, identification_code)`.execute(db);
    await sql`ALTER TABLE api_keys ADD UNIQUE (id)`.execute(db);

    await sql`CREATE TABLE outbox (
      position bigint PRIMARY KEY,
      tenant text NOT NULL,
      kind text NOT NULL,
      id text NOT NULL,
      body jsonb,
      written_at timestamptz NOT NULL DEFAULT now()
    )`.execute(db);
    await sql`CREATE TABLE published (
      position bigint PRIMARY KEY,
      offsets jsonb NOT NULL,
      published_at timestamptz NOT NULL DEFAULT now()
    )`.execute(db);
    await sql`CREATE TABLE idempotency_keys (
      tenant text NOT NULL,
      key text NOT NULL,
      request_hash text NOT NULL,
      answer jsonb NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (tenant, key)
    )`.execute(db);
    await sql`CREATE TABLE installation (epoch text NOT NULL)`.execute(db);
    await sql`INSERT INTO installation SELECT gen_random_uuid()::text`.execute(db);

    for (const name of ['outbox', 'idempotency_keys']) await confineToTenant(db, name);
    await grantToTenants(db, Object.keys(tables));
    const role = sql.ref(tenantRole);
    await sql`GRANT SELECT, INSERT ON outbox, idempotency_keys TO ${role}`.execute(db);
    await sql`GRANT USAGE ON SEQUENCE outbox_position TO ${role}`.execute(db);
  },
};

/** Roles belong to the whole server, so another database of it may have made this one, even at this moment. */
async function createTenantRole(db: Kysely<unknown>): Promise<void> {
  await sql`DO $$ BEGIN
    CREATE ROLE ${sql.ref(tenantRole)} NOLOGIN;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END $$`.execute(db);
  await sql`GRANT ${sql.ref(tenantRole)} TO CURRENT_USER`.execute(db);
}
