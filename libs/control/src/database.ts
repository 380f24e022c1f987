/** The connection to PostgreSQL: a pool, and transactions that see one tenant or all of them. */
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { databaseError } from './database-errors.ts';
import type { Tables } from './tables.ts';
import { tenantRole } from './tenant-role.ts';

/** Each is a process of PostgreSQL. Requests beyond wait, in order. */
const connectionsMax = 10;
/** Longer than any restart of a server that is well. */
const connectMsMax = 5_000;
/** A query of the control plane that takes longer is a mistake, and holds locks. */
const statementMsMax = 30_000;
const idleInTransactionMsMax = 30_000;

const int8 = 20;

export type Work<T> = (transaction: Transaction<Tables>) => Promise<T>;

export class Database {
  /** Sees all tenants: for what is asked for by the platform itself, never by a tenant's request. */
  readonly db: Kysely<Tables>;
  readonly url: string;

  /** Connects when it is asked for something. `onError`: an idle connection was lost; queries tell by themselves. */
  constructor(url: string, onError: (error: Error) => void) {
    this.url = url;
    const pool = new pg.Pool({
      connectionString: url,
      max: connectionsMax,
      connectionTimeoutMillis: connectMsMax,
      statement_timeout: statementMsMax,
      idle_in_transaction_session_timeout: idleInTransactionMsMax,
      application_name: 'millrace',
      types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
    });
    pool.on('error', onError);
    // A client that is lost between two statements has nobody who waits for it; its next statement tells.
    pool.on('connect', (client) => client.on('error', () => undefined));
    this.db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  }

  /** One transaction that sees and writes rows of this tenant only. Throws as `databaseError` says. */
  ofTenant<T>(tenant: string, work: Work<T>): Promise<T> {
    return this.transaction(async (transaction) => {
      await confineTo(tenant, transaction);
      return work(transaction);
    });
  }

  /**
   * What `read` gives, all of it as it was at one moment: of a tenant, or of the whole installation. Who does not take the next
   * piece within 30 s loses the connection. Throws as `databaseError` says.
   */
  async *snapshot<T>(
    tenant: string | null,
    read: (transaction: Transaction<Tables>) => AsyncIterable<T>,
  ): AsyncGenerator<T> {
    try {
      const begin = this.db.startTransaction().setIsolationLevel('repeatable read').setAccessMode('read only');
      const transaction = await begin.execute();
      try {
        if (tenant !== null) await confineTo(tenant, transaction);
        yield* read(transaction);
      } finally {
        await transaction.rollback().execute();
      }
    } catch (error) {
      throw databaseError(error);
    }
  }

  /** One transaction of the platform itself. Throws as `databaseError` says. */
  async transaction<T>(work: Work<T>): Promise<T> {
    try {
      return await this.db.transaction().execute(work);
    } catch (error) {
      throw databaseError(error);
    }
  }

  /** Resolves when PostgreSQL answers. */
  async probe(): Promise<void> {
    try {
      await sql`SELECT 1`.execute(this.db);
    } catch (error) {
      throw databaseError(error);
    }
  }

  close(): Promise<void> {
    return this.db.destroy();
  }
}

/** From here on to its end the transaction sees rows of this tenant only. */
async function confineTo(tenant: string, transaction: Transaction<Tables>): Promise<void> {
  await sql`SELECT set_config('millrace.tenant', ${tenant}, true), set_config('role', ${tenantRole}, true)`.execute(
    transaction,
  );
}

/** Positions are 64 bits wide; everything else as pg does it. */
function parserOf(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (oid === int8) return (text) => BigInt(text);
  return pg.types.getTypeParser(oid, format as 'text');
}
