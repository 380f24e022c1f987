/** A whole PostgreSQL database as text, for what must not stand anywhere in it. */
import { Client, escapeIdentifier } from 'pg';

/** Every row of every table there is, one a line, with the name of its table in front. */
export async function databaseText(url: string): Promise<readonly string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query<{ schema: string; name: string }>(
      `SELECT schemaname AS schema, tablename AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    const lines: string[] = [];
    for (const { schema, name } of tables.rows) {
      const table = `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
      const { rows } = await client.query<{ row: string }>(`SELECT it::text AS row FROM ${table} AS it`);
      lines.push(...rows.map(({ row }) => `${name} ${row}`));
    }
    return lines;
  } finally {
    await client.end();
  }
}
