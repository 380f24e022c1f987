/** A creation that is repeated with the same key gives the same answer and creates nothing. */
import { MillraceError } from '@millrace/contracts';
import { sql, type Transaction } from 'kysely';
import type { Body, Tables } from './tables.ts';

export interface IdempotentRequest {
  readonly tenant: string;
  /** The header's value. */
  readonly key: string;
  /** Of what is asked for, keyed where it may hold a secret: the same key with another one is refused. */
  readonly requestHash: string;
}

/** The answer that this key has been given already. Others with the same key wait until this transaction ends. */
export async function rememberedAnswer(
  transaction: Transaction<Tables>,
  { tenant, key, requestHash }: IdempotentRequest,
): Promise<Body | undefined> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`${tenant}/${key}`}, 0))`.execute(transaction);
  const row = await transaction
    .selectFrom('idempotency_keys')
    .select(['request_hash', 'answer'])
    .where('tenant', '=', tenant)
    .where('key', '=', key)
    .executeTakeFirst();
  if (row && row.request_hash !== requestHash)
    throw new MillraceError(
      'idempotency_key_reused',
      'This Idempotency-Key was used for another request; take a new one.',
    );
  return row?.answer;
}

export async function rememberAnswer(
  transaction: Transaction<Tables>,
  { tenant, key, requestHash }: IdempotentRequest,
  answer: Body,
): Promise<void> {
  await transaction
    .insertInto('idempotency_keys')
    .values({ tenant, key, request_hash: requestHash, answer: JSON.stringify(answer) })
    .execute();
}

/** In the place of the answer that was remembered: what the request made was made anew. */
export async function replaceAnswer(
  transaction: Transaction<Tables>,
  { tenant, key }: IdempotentRequest,
  answer: Body,
): Promise<void> {
  await transaction
    .updateTable('idempotency_keys')
    .set({ answer: JSON.stringify(answer) })
    .where('tenant', '=', tenant)
    .where('key', '=', key)
    .execute();
}

/** Forgets answers that are older; gives how many. */
export async function forgetAnswers(transaction: Transaction<Tables>, olderThanHours: number): Promise<number> {
  const { numDeletedRows } = await transaction
    .deleteFrom('idempotency_keys')
    .where('created_at', '<', sql<Date>`now() - make_interval(hours => ${olderThanHours})`)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
