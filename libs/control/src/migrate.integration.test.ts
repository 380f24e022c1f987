import { newDatabase, type TestDatabase } from '@millrace/testkit/new-database';
import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { Database } from './database.ts';
import { migrate, migrationNames } from './migrate.ts';

const open: { readonly made: TestDatabase; readonly database: Database }[] = [];

async function empty(): Promise<Database> {
  const made = await newDatabase();
  const database = new Database(made.url, () => undefined);
  open.push({ made, database });
  return database;
}

afterEach(async () => {
  for (const { made, database } of open.splice(0)) {
    await database.close();
    await made.drop();
  }
});

/** A row of each kind, as that version could hold it. */
async function fill({ db }: Database): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT table_name AS name FROM information_schema.columns WHERE column_name = 'revision'`.execute(db);
  const tables = rows.map(({ name }) => name);
  expect(tables).toContain('devices');
  for (const name of tables)
    await sql`INSERT INTO ${sql.table(name)} (tenant, id, revision, body)
      VALUES ('north', ${name === 'tenants' ? 'north' : 'one'}, 1, '{"name": "One"}')`.execute(db);
  return tables;
}

test.each(migrationNames)(
  'a database of version %s is brought to the present form and keeps its rows',
  async (version) => {
    const database = await empty();
    await migrate(database, version);
    const filled = await fill(database);
    expect(await migrate(database)).toEqual(migrationNames.slice(migrationNames.indexOf(version) + 1));
    for (const name of filled) {
      const { rows } = await sql`SELECT tenant, body FROM ${sql.table(name)}`.execute(database.db);
      expect(rows, name).toEqual([{ tenant: 'north', body: expect.objectContaining({ name: 'One' }) }]);
    }
    expect(await migrate(database)).toEqual([]);
  },
);

test('instances that start together migrate once', async () => {
  const database = await empty();
  const done = await Promise.all(Array.from({ length: 4 }, () => migrate(database)));
  expect(done.flat().toSorted()).toEqual(migrationNames.toSorted());
});

test('every table of entities is confined to the tenant', async () => {
  const database = await empty();
  await migrate(database);
  const { rows } = await sql<{ name: string }>`
    SELECT relname AS name FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND NOT relrowsecurity`.execute(database.db);
  const open = rows.map(({ name }) => name).toSorted();
  expect(open).toEqual(['installation', 'kysely_migration', 'kysely_migration_lock', 'published']);
});
