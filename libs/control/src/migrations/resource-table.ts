/** The form of the tables of entities. Migrations that are released use it, so it never changes: another form is another function. */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { tenantRole } from '../tenant-role.ts';

export interface Column {
  readonly name: string;
  /** Member of the body. */
  readonly from: string;
  /** Kind of entity that it names. */
  readonly references?: string;
  /** Never null: lists are sorted by it. */
  readonly sorted?: true;
}

export const column = (name: string, from: string, references?: string): Column => ({
  name,
  from,
  ...(references && { references }),
});

export async function createResourceTable(
  db: Kysely<unknown>,
  name: string,
  columns: readonly Column[],
): Promise<void> {
  const generated = columns.map(({ name: columnName, from, sorted }) =>
    sorted
      ? sql`${sql.ref(columnName)} text COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(body ->> ${sql.lit(from)}, '')) STORED`
      : sql`${sql.ref(columnName)} text COLLATE "C" GENERATED ALWAYS AS (body ->> ${sql.lit(from)}) STORED`,
  );
  const parts = [
    sql`tenant text COLLATE "C" NOT NULL`,
    sql`id text COLLATE "C" NOT NULL`,
    sql`revision bigint NOT NULL`,
    sql`body jsonb NOT NULL`,
    sql`created_at timestamptz NOT NULL DEFAULT now()`,
    sql`updated_at timestamptz NOT NULL DEFAULT now()`,
    ...generated,
    sql`PRIMARY KEY (tenant, id)`,
    ...(name === 'tenants' ? [sql`UNIQUE (id)`, sql`CHECK (tenant = id)`] : [reference(['tenant'], 'tenants', ['id'])]),
    ...columns.flatMap(({ name: columnName, references }) =>
      references === undefined ? [] : [reference(['tenant', columnName], references, ['tenant', 'id'])],
    ),
  ];
  await sql`CREATE TABLE ${sql.table(name)} (${sql.join(parts)})`.execute(db);
  for (const { name: columnName } of columns)
    await sql`CREATE INDEX ON ${sql.table(name)} (tenant, ${sql.ref(columnName)}, id)`.execute(db);
  await confineToTenant(db, name);
}

/** Checked at the end of a transaction, so that one may write entities that refer to each other in any order. */
function reference(columns: readonly string[], table: string, target: readonly string[]): RawBuilder<unknown> {
  const names = (list: readonly string[]): RawBuilder<unknown> => sql.join(list.map((name) => sql.ref(name)));
  return sql`FOREIGN KEY (${names(columns)}) REFERENCES ${sql.table(table)} (${names(target)}) DEFERRABLE INITIALLY DEFERRED`;
}

export async function confineToTenant(db: Kysely<unknown>, name: string): Promise<void> {
  const table = sql.table(name);
  const own = sql`tenant = current_setting('millrace.tenant', true)`;
  await sql`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`.execute(db);
  await sql`CREATE POLICY own_tenant ON ${table} TO ${sql.ref(tenantRole)} USING (${own}) WITH CHECK (${own})`.execute(
    db,
  );
}

export async function grantToTenants(db: Kysely<unknown>, names: readonly string[]): Promise<void> {
  const tables = sql.join(names.map((name) => sql.table(name)));
  await sql`GRANT SELECT, INSERT, UPDATE, DELETE ON ${tables} TO ${sql.ref(tenantRole)}`.execute(db);
}
