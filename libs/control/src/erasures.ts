/** Erasures of tenants as rows: asked for once, done by one process at a time, and kept as receipts. */
import { MillraceError } from '@millrace/contracts';
import { sql } from 'kysely';
import type { Database } from './database.ts';
import { changeStep, type Erasure, erasureOf, isOf, lockErasure, now, sumOf, updateErasure } from './erasure-row.ts';
import { ResourceRows } from './resource-rows.ts';
import type { Body, ErasureFailure, ErasureStep, Expiry, Removed } from './tables.ts';

/** Told when an erasure is asked for. */
export const erasureChannel = 'millrace_erasures';
/** Who has it carries out the erasures of the installation. */
export const erasureLock = 0x6d696c65;

export class Erasures {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Hides the tenant and asks for its erasure, in one transaction; one that has ended, or waits for its next attempt, begins
   * anew and adds to its receipt. `hidden`: the tenant as nobody finds it any more. Throws `not_found`.
   */
  ask(tenant: string, askedBy: string, hidden: (body: Body) => Body): Promise<Erasure> {
    return this.#database.transaction(async (transaction) => {
      const rows = new ResourceRows(transaction, tenant, 'erasing');
      await rows.takeTurn();
      const before = await rows.lock('tenants', tenant);
      if (!before) throw new MillraceError('not_found', `There is no tenant ${tenant}.`);
      await sql`SELECT pg_notify(${erasureChannel}, '')`.execute(transaction);
      const known = await lockErasure(transaction, tenant);
      if (known) {
        if (known.state === 'running' || known.state === 'waiting') return known;
        const steps = known.steps.map((step) => ({ ...step, endedAt: null }));
        await updateErasure(transaction, tenant, {
          state: 'waiting',
          steps: JSON.stringify(steps),
          next_attempt_at: now,
          done_at: null,
        });
        return (await lockErasure(transaction, tenant))!;
      }
      const [hiding] = await rows.write('tenants', [{ id: tenant, body: hidden(before.body), before }]);
      await transaction
        .insertInto('erasures')
        .values({ tenant, state: 'waiting', asked_by: askedBy, position: hiding!.revision, done_at: null })
        .execute();
      return (await lockErasure(transaction, tenant))!;
    });
  }

  async find(tenant: string): Promise<Erasure | undefined> {
    const row = await this.#database.db
      .selectFrom('erasures')
      .selectAll()
      .where('tenant', '=', tenant)
      .executeTakeFirst();
    return row && erasureOf(row);
  }

  /** In the order of their names, behind a name. */
  async list(behind: string, limit: number): Promise<readonly Erasure[]> {
    const rows = await this.#database.db
      .selectFrom('erasures')
      .selectAll()
      .where('tenant', '>', behind)
      .orderBy('tenant')
      .limit(limit)
      .execute();
    return rows.map(erasureOf);
  }

  /** The one whose turn it is; undefined: none is due. */
  async due(): Promise<Erasure | undefined> {
    const row = await this.#database.db
      .selectFrom('erasures')
      .selectAll()
      .where('state', '!=', 'done')
      .where('next_attempt_at', '<=', now)
      .orderBy('next_attempt_at')
      .limit(1)
      .executeTakeFirst();
    return row && erasureOf(row);
  }

  /** How long ago the oldest was asked for that is not done; 0: there is none. */
  async pendingSeconds(): Promise<number> {
    const { rows } = await sql<{ readonly age: number }>`
      SELECT greatest(0, coalesce(extract(epoch FROM now() - min(asked_at)), 0))::float8 AS age
      FROM erasures WHERE state != 'done'`.execute(this.#database.db);
    return rows[0]!.age;
  }

  /** An attempt begins. */
  async begin(tenant: string): Promise<void> {
    await updateErasure(this.#database.db, tenant, { state: 'running', attempts: sql<number>`attempts + 1` });
  }

  /** Once; a step that was begun before goes on with what it had removed. */
  async beginStep(tenant: string, name: string): Promise<void> {
    await this.#changeStep(tenant, name, (step) => step);
  }

  async endStep(tenant: string, name: string): Promise<void> {
    await this.#changeStep(tenant, name, (step) => ({ ...step, endedAt: new Date().toISOString() }));
  }

  /**
   * Removes something and has it in the receipt once, whenever the process dies: it is written down before and, when `work` has
   * removed it, marked as gone.
   */
  async remove(tenant: string, name: string, what: Removed, work: () => Promise<void>): Promise<void> {
    const isIt = isOf(what);
    await this.#changeStep(tenant, name, (step) =>
      step.removed.some((one) => isIt(one) && one.pending)
        ? step
        : { ...step, removed: sumOf(step.removed, [what]).map((one) => (isIt(one) ? { ...one, pending: true } : one)) },
    );
    await work();
    await this.#changeStep(tenant, name, (step) => ({
      ...step,
      removed: step.removed.map((one) => ({ name: one.name, unit: one.unit, count: one.count })),
    }));
  }

  /** Something was found of what should be gone: everything is done again. */
  async doAgain(tenant: string): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      const { steps } = (await lockErasure(transaction, tenant))!;
      await updateErasure(transaction, tenant, {
        steps: JSON.stringify(steps.map((step) => ({ ...step, endedAt: null }))),
      });
    });
  }

  async fail(tenant: string, failure: ErasureFailure, againInMs: number): Promise<void> {
    await updateErasure(this.#database.db, tenant, {
      state: 'failed',
      failure: JSON.stringify(failure),
      next_attempt_at: sql<Date>`now() + make_interval(secs => ${againInMs / 1_000})`,
    });
  }

  async end(tenant: string, expires: readonly Expiry[]): Promise<void> {
    const done = { state: 'done', failure: null, expires: JSON.stringify(expires), done_at: now } as const;
    await updateErasure(this.#database.db, tenant, done);
  }

  #changeStep(tenant: string, name: string, change: (step: ErasureStep) => ErasureStep): Promise<void> {
    return this.#database.transaction((transaction) => changeStep(transaction, tenant, name, change));
  }
}
