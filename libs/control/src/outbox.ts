/** Changes that are to be published, in the order in which they were committed. */
import { sql } from 'kysely';
import type { Database } from './database.ts';
import { forgetAnswers } from './idempotency.ts';
import type { Body, ResourceName } from './tables.ts';

export interface OutboxChange {
  readonly position: bigint;
  readonly tenant: string;
  readonly kind: ResourceName;
  readonly id: string;
  /** Null: the entity was deleted. */
  readonly body: Body | null;
}

export interface OutboxState {
  /** Made with the database: positions of another one mean nothing. */
  readonly epoch: string;
  /** Position of the last change that there ever was; 0: none. */
  readonly last: bigint;
  /** Changes up to here belong to one republication: only with the last of them it is whole. */
  readonly republishUntil: bigint;
}

export class Outbox {
  readonly #database: Database;
  readonly #kinds: readonly ResourceName[];

  /** `kinds`: all that there are, in an order in which what is referred to comes first. */
  constructor(database: Database, kinds: readonly ResourceName[]) {
    this.#database = database;
    this.#kinds = kinds;
  }

  async state(): Promise<OutboxState> {
    const { rows } = await sql<OutboxState>`
      SELECT epoch, republish_until AS "republishUntil", (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM outbox_position) AS last
      FROM installation`.execute(this.#database.db);
    return rows[0]!;
  }

  /** Changes behind a position, at most `limit`. */
  async behind(position: bigint, limit: number): Promise<readonly OutboxChange[]> {
    return this.#database.db
      .selectFrom('outbox')
      .select(['position', 'tenant', 'kind', 'id', 'body'])
      .where('position', '>', position)
      .orderBy('position')
      .limit(limit)
      .execute();
  }

  /** Remembers where the records of all changes up to `position` stand, for those who ask whether a change is live. */
  async published(position: bigint, offsets: ReadonlyMap<string, bigint>): Promise<void> {
    const text = JSON.stringify(Object.fromEntries([...offsets].map(([topic, offset]) => [topic, String(offset)])));
    await this.#database.db
      .insertInto('published')
      .values({ position, offsets: text })
      .onConflict((conflict) => conflict.column('position').doNothing())
      .execute();
  }

  /** By topic, the offset that has to be read for all changes up to `position`; undefined: they are not published yet. */
  async offsetsAt(position: bigint): Promise<ReadonlyMap<string, bigint> | undefined> {
    const row = await this.#database.db
      .selectFrom('published')
      .select('offsets')
      .where('position', '>=', position)
      .orderBy('position')
      .limit(1)
      .executeTakeFirst();
    return row && new Map(Object.entries(row.offsets).map(([topic, offset]) => [topic, BigInt(offset)]));
  }

  /** Forgets what was published longer ago, but for the newest, and the answers of that time; gives how many changes. */
  async forget(position: bigint, olderThanHours: number): Promise<number> {
    const old = sql<Date>`now() - make_interval(hours => ${olderThanHours})`;
    const { numDeletedRows } = await this.#database.db
      .deleteFrom('outbox')
      .where('position', '<=', position)
      .where('written_at', '<', old)
      .executeTakeFirst();
    await this.#database.db
      .deleteFrom('published')
      .where('published_at', '<', old)
      .where('position', '<', sql<bigint>`(SELECT max(position) FROM published)`)
      .execute();
    await this.#database.transaction((transaction) => forgetAnswers(transaction, olderThanHours));
    return Number(numDeletedRows);
  }

  /**
   * Puts every entity into the outbox again, as it is now, behind what is there. Nobody changes anything meanwhile. `atLeast`:
   * positions go on behind this one, for a database that was brought back from a backup.
   */
  async appendAll(atLeast: bigint = 0n): Promise<AppendedAll> {
    return this.#database.transaction(async (transaction) => {
      await sql`SELECT pg_advisory_xact_lock(${outboxLock})`.execute(transaction);
      const { rows } = await sql<{ before: bigint }>`
        SELECT setval('outbox_position', greatest(${String(atLeast)}::bigint, nextval('outbox_position'))) AS before`.execute(
        transaction,
      );
      const known = new Set<string>();
      for (const name of this.#kinds) {
        const appended = await sql<{ tenant: string; id: string }>`
          INSERT INTO outbox (position, tenant, kind, id, body)
          SELECT nextval('outbox_position'), tenant, ${name}, id, body FROM ${sql.table(name)}
          RETURNING tenant, id`.execute(transaction);
        for (const { tenant, id } of appended.rows) known.add(entityName(name, tenant, id));
      }
      await sql`UPDATE installation SET republish_until = (SELECT last_value FROM outbox_position)`.execute(
        transaction,
      );
      // What was known of earlier positions is of topics that may be gone.
      await sql`DELETE FROM published`.execute(transaction);
      await sql`SELECT pg_notify(${outboxChannel}, '')`.execute(transaction);
      return { before: rows[0]!.before, known, entities: known.size };
    });
  }
}

export interface AppendedAll {
  /** Position in front of the first of them. */
  readonly before: bigint;
  /** Names of all of them, see `entityName`. */
  readonly known: ReadonlySet<string>;
  readonly entities: number;
}

/** Names an entity among all of an installation. */
export function entityName(kind: ResourceName, tenant: string, id: string): string {
  return `${kind}/${tenant}/${id}`;
}

/** Told in each transaction that writes to the outbox. */
export const outboxChannel = 'millrace_outbox';

/** Who appends to the outbox waits for those before to commit: positions become visible in their order. */
export const outboxLock = 0x6d696c6c;
