/** The row of an erasure, and how its receipt grows. */
import { MillraceError } from '@millrace/contracts';
import { type Selectable, sql, type Transaction, type UpdateObject } from 'kysely';
import type { ErasureFailure, ErasureState, ErasureStep, ErasureTable, Expiry, Removed, Tables } from './tables.ts';

export interface Erasure {
  readonly tenant: string;
  readonly state: ErasureState;
  readonly askedBy: string;
  readonly askedAt: Date;
  readonly position: bigint;
  readonly steps: readonly ErasureStep[];
  readonly expires: readonly Expiry[];
  readonly attempts: number;
  readonly failure: ErasureFailure | null;
  readonly nextAttemptAt: Date;
  readonly doneAt: Date | null;
}

export const now = sql<Date>`now()`;

/** Nobody else changes the receipt until this transaction ends. A step that is not there yet begins. */
export async function changeStep(
  transaction: Transaction<Tables>,
  tenant: string,
  name: string,
  change: (step: ErasureStep) => ErasureStep,
): Promise<void> {
  const { steps } = (await lockErasure(transaction, tenant))!;
  const step = steps.find((one) => one.name === name) ?? {
    name,
    begunAt: new Date().toISOString(),
    endedAt: null,
    removed: [],
  };
  const others = steps.filter((one) => one.name !== name);
  await updateErasure(transaction, tenant, { steps: JSON.stringify([...others, change(step)]) });
}

/** As it is now; nobody else changes it until this transaction ends. */
export async function lockErasure(transaction: Transaction<Tables>, tenant: string): Promise<Erasure | undefined> {
  const row = await transaction
    .selectFrom('erasures')
    .selectAll()
    .where('tenant', '=', tenant)
    .forUpdate()
    .executeTakeFirst();
  return row && erasureOf(row);
}

export async function updateErasure(
  db: Pick<Transaction<Tables>, 'updateTable'>,
  tenant: string,
  values: UpdateObject<Tables, 'erasures', 'erasures'>,
): Promise<void> {
  await db.updateTable('erasures').set(values).where('tenant', '=', tenant).execute();
}

/** What was removed in all, by name and unit. */
export function sumOf(known: readonly Removed[], more: readonly Removed[]): readonly Removed[] {
  const all = Map.groupBy([...known, ...more], ({ name, unit }) => `${unit} ${name}`);
  return [...all.values()]
    .map(([first, ...others]) => ({ ...first!, count: others.reduce((sum, { count }) => sum + count, first!.count) }))
    .filter(({ count }) => count > 0);
}

export function erasureOf(row: Selectable<ErasureTable>): Erasure {
  const { asked_by, asked_at, next_attempt_at, done_at, ...rest } = row;
  return { ...rest, askedBy: asked_by, askedAt: asked_at, nextAttemptAt: next_attempt_at, doneAt: done_at };
}

export function isOf(what: Removed): (one: Removed) => boolean {
  return ({ name, unit }) => name === what.name && unit === what.unit;
}

/**
 * Asked under the lock of the outbox, which an erasure takes when it is asked for: who comes behind that is refused. Throws
 * `tenant_erased`.
 */
export async function requireKept(transaction: Transaction<Tables>, tenant: string): Promise<void> {
  const erasure = await transaction
    .selectFrom('erasures')
    .select('tenant')
    .where('tenant', '=', tenant)
    .executeTakeFirst();
  if (erasure)
    throw new MillraceError(
      'tenant_erased',
      `The tenant ${tenant} was deleted, and its name is not given again; take another one.`,
    );
}
