/** A PostgreSQL database of a test's own on the shared stack. */
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { testAddresses } from './addresses.ts';

export interface TestDatabase {
  /** With user and password. */
  readonly url: string;
  /** Ends its connections, in the middle of whatever they do. */
  cut(): Promise<void>;
  /** Ends its connections and removes it. */
  drop(): Promise<void>;
}

/** Empty, owned by the role that the url names. */
export async function newDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await run(`CREATE DATABASE ${name}`);
  const url = new URL(testAddresses.postgres);
  url.pathname = name;
  return {
    url: url.href,
    cut: () => run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`),
    drop: () => run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function run(statement: string): Promise<void> {
  const client = new Client({ connectionString: testAddresses.postgres });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
