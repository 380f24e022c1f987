/** Certificates of devices by the built-in authority: issued, listed, and taken back before their time. */
import {
  certificateDaysDefault,
  isForKeyOf,
  type IssuedCertificate,
  issuedCertificate,
  issueForRequest,
  issueWithKey,
} from '@millrace/auth/certificate-authority';
import { MillraceError } from '@millrace/contracts';
import { CertificateRows, type IssuedRow, ResourceRows } from '@millrace/control';
import type { BuiltInAuthorities, CertificateParts, CertificateTools } from './built-in-authorities.ts';
import { revokeCertificates } from './revocation.ts';

/** The one in use, its successor, and two whose answers got lost. */
const liveMax = 4;

export interface CertificateWish {
  /** PKCS #10 in PEM; undefined: the key is made here. */
  readonly request?: string | undefined;
  readonly days?: number | undefined;
}

export interface MadeCertificate extends IssuedCertificate {
  readonly authorityId: string;
  /** PKCS #8 in PEM, of a key that was made here. */
  readonly privateKey: string | null;
}

export class DeviceCertificates {
  readonly #parts: CertificateParts;
  readonly #authorities: BuiltInAuthorities;

  constructor(parts: CertificateParts, authorities: BuiltInAuthorities) {
    this.#parts = parts;
    this.#authorities = authorities;
  }

  /** Throws `not_found`, and what `issueIn` throws. */
  issue(tenant: string, deviceUid: string, wish: CertificateWish): Promise<MadeCertificate> {
    return this.#of(tenant, deviceUid, (tools) => this.issueIn(tools, deviceUid, wish));
  }

  /**
   * In the transaction of whoever has locked the device. A request that comes again gives the certificate that it was given first, unless
   * that is to be renewed by now. Throws `invalid_field` for a wrong request, `conflict` without an authority or with too many certificates.
   */
  async issueIn(
    tools: CertificateTools,
    deviceUid: string,
    { request, days }: CertificateWish,
  ): Promise<MadeCertificate> {
    const { certificates } = tools;
    const nowMs = this.#parts.clock.nowMs();
    const live = (await certificates.ofDevice(deviceUid)).filter(({ revokedAt }) => revokedAt === null);
    const there = request === undefined ? undefined : await givenFor(request, live);
    if (there && nowMs < issuedCertificate(there.certificate).renewAfterMs)
      return { ...issuedCertificate(there.certificate), authorityId: there.authorityId, privateKey: null };
    if (live.length >= liveMax)
      throw new MillraceError(
        'conflict',
        `The device has ${liveMax} valid certificates, which is the most; revoke one first.`,
      );
    const authority = await this.#authorities.signing(tools);
    const order = { deviceUid, nowMs, days: days ?? certificateDaysDefault };
    const made =
      request === undefined
        ? await issueWithKey(authority, order)
        : { ...(await issueForRequest(authority, request, order)), privateKey: null };
    await certificates.forgetEndedOf(deviceUid);
    await certificates.add({
      serial: made.serialNumber,
      authorityId: authority.authorityId,
      deviceUid,
      certificate: made.certificate,
      notAfter: new Date(made.notAfterMs),
    });
    return { ...made, authorityId: authority.authorityId };
  }

  /** Those that have not ended. Throws `not_found`. */
  list(tenant: string, deviceUid: string): Promise<readonly IssuedRow[]> {
    return this.#parts.database.ofTenant(tenant, async (transaction) => {
      if (!(await new ResourceRows(transaction, tenant).find('devices', deviceUid))) absent(deviceUid);
      return new CertificateRows(transaction, tenant).ofDevice(deviceUid);
    });
  }

  /** Gives the position of the change; undefined: it was revoked already. Throws `not_found`. */
  revoke(tenant: string, deviceUid: string, serial: string): Promise<bigint | undefined> {
    return this.#of(tenant, deviceUid, async (tools) => {
      const found = (await tools.certificates.ofDevice(deviceUid)).find((one) => one.serial === serial.toUpperCase());
      if (!found) throw new MillraceError('not_found', `The device ${deviceUid} has no certificate ${serial}.`);
      if (found.revokedAt === null) await revokeCertificates(tools, [found]);
      return tools.rows.position;
    });
  }

  /** Locks the device, so that two do not issue at once. */
  #of<T>(tenant: string, deviceUid: string, work: (tools: CertificateTools) => Promise<T>): Promise<T> {
    return this.#parts.database.ofTenant(tenant, async (transaction) => {
      const rows = new ResourceRows(transaction, tenant);
      if (!(await rows.lock('devices', deviceUid))) absent(deviceUid);
      return work({ rows, certificates: new CertificateRows(transaction, tenant) });
    });
  }
}

async function givenFor(request: string, live: readonly IssuedRow[]): Promise<IssuedRow | undefined> {
  const pems = live.map(({ certificate }) => certificate);
  return live[(await isForKeyOf(request, pems)).lastIndexOf(true)];
}

function absent(deviceUid: string): never {
  throw new MillraceError('not_found', `There is no device ${deviceUid}.`);
}
