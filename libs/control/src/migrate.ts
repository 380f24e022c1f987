/** Brings a database to the present form. */
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Database } from './database.ts';
import { migrations } from './migrations/index.ts';

export const migrationNames: readonly string[] = Object.keys(migrations);

/**
 * Runs what has not run yet, in one transaction, under a lock: instances that start together do it once. `target`: no further than
 * this one, for tests. Throws what the failing migration threw; nothing of the run stays then.
 */
export async function migrate({ db }: Pick<Database, 'db'>, target?: string): Promise<readonly string[]> {
  const provider = { getMigrations: () => Promise.resolve(checkedAtOnce) };
  // Those of one release are written side by side, and reach a database of the development in any order.
  const migrator = new Migrator({ db, provider, allowUnorderedMigrations: true });
  const { error, results } = await (target === undefined ? migrator.migrateToLatest() : migrator.migrateTo(target));
  if (error !== undefined) throw error;
  return (results ?? []).map(({ migrationName }) => migrationName);
}

/**
 * All run in one transaction, in which a table that waits for the check of a reference cannot change its form: so references are
 * checked with each statement.
 */
const checkedAtOnce: Readonly<Record<string, Migration>> = Object.fromEntries(
  Object.entries(migrations).map(([name, migration]) => [
    name,
    {
      async up(db: Kysely<unknown>) {
        await sql`SET CONSTRAINTS ALL IMMEDIATE`.execute(db);
        await migration.up(db);
      },
    },
  ]),
);
