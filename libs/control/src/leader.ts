/** One process of all that share a database: an advisory lock of a session, which PostgreSQL gives back when the session ends. */
import type { Clock } from '@millrace/kernel';
import pg from 'pg';
import { databaseError } from './database-errors.ts';

/** How long nobody leads after a leader has died, beside what PostgreSQL needs to see that. */
const tryMs = 500;
/** A leader that lost the server without a word finds out. */
const keepAliveMs = 2_000;

export interface Leadership {
  /** Aborted when the session is over. */
  readonly signal: AbortSignal;
  /** Resolves when something was notified on the channel since the last call, or after `ms`. */
  notified(ms: number): Promise<void>;
  resign(): Promise<void>;
}

/** Resolves when this process leads. Throws `database_unavailable`, or the signal's reason. */
export async function lead(
  url: string,
  options: { readonly lock: number; readonly channel: string; readonly clock: Clock },
  signal: AbortSignal,
): Promise<Leadership> {
  const over = new AbortController();
  const client = new pg.Client({ connectionString: url, application_name: 'millrace leader', keepAlive: true });
  client.on('error', (error) => over.abort(error));
  client.on('end', () => over.abort(new Error('The session with PostgreSQL ended.')));
  let wake = (): void => undefined;
  let pending = false;
  client.on('notification', () => {
    pending = true;
    wake();
  });
  try {
    await client.connect();
    await client.query(`LISTEN ${pg.escapeIdentifier(options.channel)}`);
    while (!(await tryLock(client, options.lock)))
      await options.clock.sleep(tryMs, AbortSignal.any([signal, over.signal]));
  } catch (error) {
    await client.end().catch(() => undefined);
    throw signal.aborted ? signal.reason : databaseError(error);
  }
  const alive = setInterval(
    () => void client.query('SELECT 1').catch((error: unknown) => over.abort(error)),
    keepAliveMs,
  );
  alive.unref();
  return {
    signal: over.signal,
    async notified(ms) {
      if (!pending) {
        const waiting = new AbortController();
        wake = () => waiting.abort();
        await options.clock.sleep(ms, AbortSignal.any([waiting.signal, signal, over.signal])).catch(() => undefined);
        wake = () => undefined;
      }
      pending = false;
    },
    async resign() {
      clearInterval(alive);
      await client.end().catch(() => undefined);
    },
  };
}

async function tryLock(client: pg.Client, lock: number): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [lock]);
  return rows[0]?.held === true;
}
