/** What happens to the database, as those who use it see it. */
import { newDatabase, type TestDatabase } from '@millrace/testkit/new-database';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Database } from './database.ts';

let made: TestDatabase;
let database: Database;

beforeAll(async () => {
  made = await newDatabase();
  database = new Database(made.url, () => undefined);
});
afterAll(async () => {
  await database.close();
  await made.drop();
});

// Once it ended the process, because nobody listened to the connection of a transaction between its statements.
test('a connection that is lost between two statements fails its transaction, and the next one is well', async () => {
  const uncaught = vi.fn();
  process.on('uncaughtException', uncaught);
  const cut = database.transaction(async (transaction) => {
    await sql`SELECT 1`.execute(transaction);
    await made.cut();
    await vi.waitFor(async () => expect(await connections()).toBe(1));
    await sql`SELECT 1`.execute(transaction);
  });
  await expect(cut).rejects.toMatchObject({ code: 'database_unavailable' });
  await database.probe();
  process.off('uncaughtException', uncaught);
  expect(uncaught).not.toHaveBeenCalled();
});

/** Of this database, that of the question included. */
async function connections(): Promise<number> {
  const { rows } = await sql<{ readonly count: bigint }>`
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()`.execute(database.db);
  return Number(rows[0]?.count);
}
