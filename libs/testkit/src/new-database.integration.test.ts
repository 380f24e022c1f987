import { Client } from 'pg';
import { expect, test } from 'vitest';
import { newDatabase } from './new-database.ts';

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  // Dropping the database ends its connections.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

test('a test’s database is its own, and gone when it is dropped, though somebody is connected', async () => {
  const [one, other] = await Promise.all([newDatabase(), newDatabase()]);
  await query(one.url, 'CREATE TABLE things (n int)');
  expect(await query(one.url, "SELECT to_regclass('things') IS NULL AS missing")).toEqual([{ missing: false }]);
  expect(await query(other.url, "SELECT to_regclass('things') IS NULL AS missing")).toEqual([{ missing: true }]);
  const staying = new Client({ connectionString: one.url });
  staying.on('error', () => undefined);
  await staying.connect();
  await Promise.all([one.drop(), other.drop()]);
  await expect(query(one.url, 'SELECT 1')).rejects.toThrow(/does not exist/);
});
