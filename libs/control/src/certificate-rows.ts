/** Keys of authorities that sign here, sealed, and the certificates that they signed, inside a transaction of one tenant. */
import { sql, type Transaction } from 'kysely';
import type { Tables } from './tables.ts';

export interface IssuedRow {
  /** Hexadecimal, upper case. */
  readonly serial: string;
  readonly authorityId: string;
  readonly deviceUid: string;
  /** PEM. */
  readonly certificate: string;
  readonly notAfter: Date;
  readonly issuedAt: Date;
  readonly revokedAt: Date | null;
}

export class CertificateRows {
  readonly #transaction: Transaction<Tables>;
  readonly tenant: string;

  constructor(transaction: Transaction<Tables>, tenant: string) {
    this.#transaction = transaction;
    this.tenant = tenant;
  }

  /** The newest one signs. Undefined: the tenant has none of its own. */
  async newestKey(): Promise<{ readonly authorityId: string; readonly sealed: Buffer } | undefined> {
    const row = await this.#transaction
      .selectFrom('authority_keys')
      .select(['id', 'sealed'])
      .where('tenant', '=', this.tenant)
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .limit(1)
      .executeTakeFirst();
    return row && { authorityId: row.id, sealed: row.sealed };
  }

  async countKeys(): Promise<number> {
    const { count } = await this.#transaction
      .selectFrom('authority_keys')
      .select((expression) => expression.fn.countAll<bigint>().as('count'))
      .where('tenant', '=', this.tenant)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  /** The authority has to be there. */
  async addKey(authorityId: string, sealed: Buffer): Promise<void> {
    await this.#transaction
      .insertInto('authority_keys')
      .values({ tenant: this.tenant, id: authorityId, sealed })
      .execute();
  }

  /** Of a device, those that have ended left out, oldest first. */
  async ofDevice(deviceUid: string): Promise<readonly IssuedRow[]> {
    const rows = await this.#rows()
      .where('device_id', '=', deviceUid)
      .where('not_after', '>', sql<Date>`now()`)
      .orderBy('issued_at')
      .orderBy('serial')
      .execute();
    return rows.map(issuedOf);
  }

  /** Of any of these devices: neither ended nor revoked. */
  async liveOf(deviceUids: readonly string[]): Promise<readonly IssuedRow[]> {
    const rows = await this.#rows()
      .where('device_id', '=', sql<string>`ANY(${[...deviceUids]}::text[])`)
      .where('not_after', '>', sql<Date>`now()`)
      .where('revoked_at', 'is', null)
      .execute();
    return rows.map(issuedOf);
  }

  async add({ serial, authorityId, deviceUid, certificate, notAfter }: NewCertificate): Promise<void> {
    await this.#transaction
      .insertInto('issued_certificates')
      .values({
        tenant: this.tenant,
        serial,
        authority_id: authorityId,
        device_id: deviceUid,
        certificate,
        not_after: notAfter,
      })
      .execute();
  }

  async revoke(serials: readonly string[]): Promise<void> {
    await this.#transaction
      .updateTable('issued_certificates')
      .set({ revoked_at: sql<Date>`now()` })
      .where('tenant', '=', this.tenant)
      .where('serial', '=', sql<string>`ANY(${[...serials]}::text[])`)
      .execute();
  }

  /** Forgets what has ended of a device and was not revoked. */
  async forgetEndedOf(deviceUid: string): Promise<void> {
    await this.#transaction
      .deleteFrom('issued_certificates')
      .where('tenant', '=', this.tenant)
      .where('device_id', '=', deviceUid)
      .where('not_after', '<=', sql<Date>`now()`)
      .where('revoked_at', 'is', null)
      .execute();
  }

  /** Forgets what has ended of an authority; gives its serial numbers, which need not be revoked any longer. */
  async forgetEnded(authorityId: string): Promise<readonly string[]> {
    const rows = await this.#transaction
      .deleteFrom('issued_certificates')
      .where('tenant', '=', this.tenant)
      .where('authority_id', '=', authorityId)
      .where('not_after', '<=', sql<Date>`now()`)
      .returning('serial')
      .execute();
    return rows.map(({ serial }) => serial);
  }

  #rows() {
    return this.#transaction
      .selectFrom('issued_certificates')
      .select(['serial', 'authority_id', 'device_id', 'certificate', 'not_after', 'issued_at', 'revoked_at'])
      .where('tenant', '=', this.tenant);
  }
}

export type NewCertificate = Omit<IssuedRow, 'issuedAt' | 'revokedAt'>;

function issuedOf(row: {
  readonly serial: string;
  readonly authority_id: string;
  readonly device_id: string;
  readonly certificate: string;
  readonly not_after: Date;
  readonly issued_at: Date;
  readonly revoked_at: Date | null;
}): IssuedRow {
  const { serial, certificate } = row;
  return {
    serial,
    certificate,
    authorityId: row.authority_id,
    deviceUid: row.device_id,
    notAfter: row.not_after,
    issuedAt: row.issued_at,
    revokedAt: row.revoked_at,
  };
}
