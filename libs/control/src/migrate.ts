/** Brings a database to the present form. */
import { Migrator } from 'kysely/migration';
import type { Database } from './database.ts';
import { migrations } from './migrations/index.ts';

export const migrationNames: readonly string[] = Object.keys(migrations);

/**
 * Runs what has not run yet, each in a transaction, under a lock: instances that start together do it once. `target`: no
 * further than this one, for tests. Throws what the failing migration threw; those before it stay.
 */
export async function migrate({ db }: Pick<Database, 'db'>, target?: string): Promise<readonly string[]> {
  const provider = { getMigrations: () => Promise.resolve({ ...migrations }) };
  // Those of one release are written side by side, and reach a database of the development in any order.
  const migrator = new Migrator({ db, provider, allowUnorderedMigrations: true });
  const { error, results } = await (target === undefined ? migrator.migrateToLatest() : migrator.migrateTo(target));
  if (error !== undefined) throw error;
  return (results ?? []).map(({ migrationName }) => migrationName);
}
