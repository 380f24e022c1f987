/** Secrets by which devices of a product register themselves. */
import { generateKey, generateSecret, keyIdOf } from '@millrace/auth';
import type { SecretKeeper } from '@millrace/config';
import { MillraceError } from '@millrace/contracts';
import { type Database, RegistrationRows, type SecretChange, type SecretRow } from '@millrace/control';
import { pageOf, type PageOf, type PageQuery, rowPageOf } from './row-pages.ts';

/** A tenant has some products, and a secret for each batch that it builds. */
const secretsMax = 1_000;
/** Of the id, beside the tenant. */
const idChars = 12;

export type SecretOrder = Pick<SecretRow, 'product_id' | 'name' | 'expires_at' | 'devices_max' | 'approval'>;

export class RegistrationSecrets {
  readonly #database: Database;
  readonly #secrets: SecretKeeper;

  constructor(database: Database, secrets: SecretKeeper) {
    this.#database = database;
    this.#secrets = secrets;
  }

  /** The secret is to be shown this once. Throws `unknown_reference`, and `conflict` when there are too many. */
  async create(tenant: string, order: SecretOrder): Promise<{ readonly row: SecretRow; readonly secret: string }> {
    const secret = generateKey(`${tenant}-${generateSecret().replaceAll('-', '_').slice(0, idChars)}`);
    const row = await this.#in(tenant, async (rows) => {
      const all = await rows.secrets({ filters: {}, after: undefined, limit: secretsMax });
      if (all.length >= secretsMax)
        throw new MillraceError(
          'conflict',
          `A tenant has ${secretsMax} registration secrets at most; delete old ones.`,
        );
      return rows.addSecret({ ...order, id: keyIdOf(secret)!, hash: this.#secrets.hash(secret) });
    });
    return { row, secret };
  }

  list(tenant: string, query: PageQuery): Promise<PageOf<SecretRow>> {
    return this.#in(tenant, async (rows) => pageOf(await rows.secrets(rowPageOf(query)), query.limit));
  }

  /** Throws `not_found`. */
  get(tenant: string, id: string): Promise<SecretRow> {
    return this.#in(tenant, async (rows) => (await rows.secret(id)) ?? absent(id));
  }

  /** Throws `not_found`. */
  change(tenant: string, id: string, change: SecretChange): Promise<SecretRow> {
    return this.#in(tenant, async (rows) => {
      const found = Object.keys(change).length === 0 ? await rows.secret(id) : await rows.changeSecret(id, change);
      return found ?? absent(id);
    });
  }

  /** Whoever waits to be approved is forgotten with it; devices stay. Throws `not_found`. */
  remove(tenant: string, id: string): Promise<void> {
    return this.#in(tenant, async (rows) => {
      if (!(await rows.removeSecret(id))) absent(id);
    });
  }

  #in<T>(tenant: string, work: (rows: RegistrationRows) => Promise<T>): Promise<T> {
    return this.#database.ofTenant(tenant, (transaction) => work(new RegistrationRows(transaction, tenant)));
  }
}

function absent(id: string): never {
  throw new MillraceError('not_found', `There is no registration secret ${id}.`);
}
