/** What people see of registrations and decide about them. */
import { MillraceError } from '@millrace/contracts';
import { type Database, type RegistrationRow, RegistrationRows, type RegistrationState } from '@millrace/control';
import { pageOf, type PageOf, type PageQuery, rowPageOf } from './row-pages.ts';

/** What a person may make of what. */
const decidable: Readonly<Record<'approved' | 'refused', readonly RegistrationState[]>> = {
  approved: ['pending', 'refused', 'approved'],
  refused: ['pending', 'approved', 'refused'],
};

export class PendingRegistrations {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  list(tenant: string, query: PageQuery): Promise<PageOf<RegistrationRow>> {
    return this.#in(tenant, async (rows) => pageOf(await rows.list(rowPageOf(query)), query.limit));
  }

  /** Throws `not_found`. */
  get(tenant: string, deviceUid: string): Promise<RegistrationRow> {
    return this.#in(tenant, async (rows) => (await rows.find(deviceUid)) ?? absent(deviceUid));
  }

  /** Throws `not_found`, and `conflict` for a device that is enrolled, or one too many for its secret. */
  decide(tenant: string, deviceUid: string, state: 'approved' | 'refused'): Promise<RegistrationRow> {
    return this.#in(tenant, async (rows) => {
      const before = (await rows.lock(deviceUid)) ?? absent(deviceUid);
      if (!decidable[state].includes(before.state))
        throw new MillraceError('conflict', `${deviceUid} is a device already; disable or delete that.`);
      if (before.state === state) return before;
      await rows.decide(deviceUid, state);
      const secret = await rows.secret(before.secret_id);
      if (state === 'approved' && secret && (await rows.countBy(secret.id)) > secret.devices_max)
        throw new MillraceError(
          'conflict',
          `${secret.devices_max} devices came by this secret already; raise its limit.`,
        );
      return (await rows.find(deviceUid))!;
    });
  }

  /** From then on the uid was never registered. Throws `not_found`. */
  remove(tenant: string, deviceUid: string): Promise<void> {
    return this.#in(tenant, async (rows) => {
      if (!(await rows.remove(deviceUid))) absent(deviceUid);
    });
  }

  #in<T>(tenant: string, work: (rows: RegistrationRows) => Promise<T>): Promise<T> {
    return this.#database.ofTenant(tenant, (transaction) => work(new RegistrationRows(transaction, tenant)));
  }
}

function absent(deviceUid: string): never {
  throw new MillraceError('not_found', `No device registered itself as ${deviceUid}.`);
}
