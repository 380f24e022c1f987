/** Secrets by which devices register themselves, and what became of those that did, inside a transaction of one tenant. */
import { sql, type Transaction } from 'kysely';
import { requireKept } from './erasure-row.ts';
import { outboxLock } from './outbox.ts';
import type { Body, RegistrationSecretTable, RegistrationTable, Tables } from './tables.ts';

export type SecretRow = Readonly<Omit<RegistrationSecretTable, 'tenant' | 'created_at' | 'enabled'>> & {
  readonly created_at: Date;
  readonly enabled: boolean;
};
export type NewSecret = Omit<SecretRow, 'created_at' | 'enabled'>;
export type SecretChange = Partial<Pick<SecretRow, 'name' | 'expires_at' | 'devices_max' | 'approval' | 'enabled'>>;

export type RegistrationState = RegistrationTable['state'];
export type RegistrationRow = Readonly<Omit<RegistrationTable, 'tenant' | 'asked_at' | 'credential'>> & {
  readonly asked_at: Date;
  readonly credential: Body | null;
};
export type NewRegistration = Omit<RegistrationRow, 'asked_at' | 'credential'>;

export interface RowPage {
  /** Of equality; undefined: any. */
  readonly filters: Readonly<Record<string, string | undefined>>;
  /** Behind this id. */
  readonly after: string | undefined;
  readonly limit: number;
}

const secretColumns = [
  'id',
  'product_id',
  'name',
  'hash',
  'expires_at',
  'devices_max',
  'approval',
  'enabled',
  'created_at',
] as const;
const registrationColumns = [
  'id',
  'secret_id',
  'product_id',
  'state',
  'since',
  'claim_hash',
  'credential',
  'asked_at',
] as const;

export class RegistrationRows {
  readonly #transaction: Transaction<Tables>;
  readonly tenant: string;

  constructor(transaction: Transaction<Tables>, tenant: string) {
    this.#transaction = transaction;
    this.tenant = tenant;
  }

  secret(id: string): Promise<SecretRow | undefined> {
    return this.#secrets().where('id', '=', id).executeTakeFirst();
  }

  /** As `secret`; nobody else registers by it until this transaction ends. */
  lockSecret(id: string): Promise<SecretRow | undefined> {
    return this.#secrets().where('id', '=', id).forUpdate().executeTakeFirst();
  }

  secrets({ filters, after, limit }: RowPage): Promise<readonly SecretRow[]> {
    let query = this.#secrets().orderBy('id').limit(limit);
    if (filters['productId'] !== undefined) query = query.where('product_id', '=', filters['productId']);
    return (after === undefined ? query : query.where('id', '>', after)).execute();
  }

  /** Throws as `ResourceRows` does for a tenant that is being erased. */
  async addSecret(secret: NewSecret): Promise<SecretRow> {
    await this.#requireKept();
    return this.#transaction
      .insertInto('registration_secrets')
      .values({ ...secret, tenant: this.tenant })
      .returning(secretColumns)
      .executeTakeFirstOrThrow();
  }

  changeSecret(id: string, change: SecretChange): Promise<SecretRow | undefined> {
    return this.#transaction
      .updateTable('registration_secrets')
      .set(change)
      .where('tenant', '=', this.tenant)
      .where('id', '=', id)
      .returning(secretColumns)
      .executeTakeFirst();
  }

  /** With what waits for it. False: it was not there. */
  async removeSecret(id: string): Promise<boolean> {
    await this.#transaction
      .deleteFrom('registrations')
      .where('tenant', '=', this.tenant)
      .where('secret_id', '=', id)
      .where('state', 'in', ['pending', 'approved'])
      .execute();
    const { numDeletedRows } = await this.#transaction
      .deleteFrom('registration_secrets')
      .where('tenant', '=', this.tenant)
      .where('id', '=', id)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  /** Registrations by a secret that are not refused. */
  async countBy(secretId: string): Promise<number> {
    const { count } = await this.#transaction
      .selectFrom('registrations')
      .select((expression) => expression.fn.countAll<bigint>().as('count'))
      .where('tenant', '=', this.tenant)
      .where('secret_id', '=', secretId)
      .where('state', '<>', 'refused')
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  find(deviceUid: string): Promise<RegistrationRow | undefined> {
    return this.#registrations().where('id', '=', deviceUid).executeTakeFirst();
  }

  /** As `find`; nobody else changes it until this transaction ends. */
  lock(deviceUid: string): Promise<RegistrationRow | undefined> {
    return this.#registrations().where('id', '=', deviceUid).forUpdate().executeTakeFirst();
  }

  list({ filters, after, limit }: RowPage): Promise<readonly RegistrationRow[]> {
    let query = this.#registrations().orderBy('id').limit(limit);
    const { state, secretId, productId } = filters;
    if (state !== undefined) query = query.where('state', '=', state as RegistrationState);
    if (secretId !== undefined) query = query.where('secret_id', '=', secretId);
    if (productId !== undefined) query = query.where('product_id', '=', productId);
    return (after === undefined ? query : query.where('id', '>', after)).execute();
  }

  /** False: somebody else was faster. */
  async add(registration: NewRegistration): Promise<boolean> {
    await this.#requireKept();
    const { numInsertedOrUpdatedRows } = await this.#transaction
      .insertInto('registrations')
      .values({ ...registration, credential: null, tenant: this.tenant })
      .onConflict((conflict) => conflict.columns(['tenant', 'id']).doNothing())
      .executeTakeFirst();
    return numInsertedOrUpdatedRows === 1n;
  }

  async enrol(deviceUid: string, since: Date, credential: Body): Promise<void> {
    await this.#transaction
      .updateTable('registrations')
      .set({ state: 'enrolled', since, credential: JSON.stringify(credential) })
      .where('tenant', '=', this.tenant)
      .where('id', '=', deviceUid)
      .execute();
  }

  async decide(deviceUid: string, state: RegistrationState): Promise<void> {
    await this.#transaction
      .updateTable('registrations')
      .set({ state, since: sql<Date>`now()` })
      .where('tenant', '=', this.tenant)
      .where('id', '=', deviceUid)
      .execute();
  }

  /** Of devices that are deleted: they do not come back by themselves. */
  async refuseEnrolled(deviceUids: readonly string[]): Promise<void> {
    await this.#transaction
      .updateTable('registrations')
      .set({ state: 'refused', since: sql<Date>`now()` })
      .where('tenant', '=', this.tenant)
      .where('state', '=', 'enrolled')
      .where('id', '=', sql<string>`ANY(${[...deviceUids]}::text[])`)
      .execute();
  }

  async remove(deviceUid: string): Promise<boolean> {
    const { numDeletedRows } = await this.#transaction
      .deleteFrom('registrations')
      .where('tenant', '=', this.tenant)
      .where('id', '=', deviceUid)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  /** An erasure begins when it has this lock: nothing is added behind it. */
  async #requireKept(): Promise<void> {
    await sql`SELECT pg_advisory_xact_lock(${outboxLock})`.execute(this.#transaction);
    await requireKept(this.#transaction, this.tenant);
  }

  #secrets() {
    return this.#transaction.selectFrom('registration_secrets').select(secretColumns).where('tenant', '=', this.tenant);
  }

  #registrations() {
    return this.#transaction.selectFrom('registrations').select(registrationColumns).where('tenant', '=', this.tenant);
  }
}
