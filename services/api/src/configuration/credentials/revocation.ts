/** Certificates that end before their time stand on the record of their authority, which every gateway follows. */
import { revokedSerialsMax } from '@millrace/config';
import { MillraceError } from '@millrace/contracts';
import type { IssuedRow } from '@millrace/control';
import { bodyOf, entityIn } from '../resources/stored-body.ts';
import type { CertificateTools } from './built-in-authorities.ts';

/** Those that have ended meanwhile leave the record. Throws `conflict` when it is full. */
export async function revokeCertificates(
  { rows, certificates }: CertificateTools,
  revoked: readonly IssuedRow[],
): Promise<void> {
  for (const [authorityId, some] of Map.groupBy(revoked, (one) => one.authorityId)) {
    const before = await rows.lock('certificate_authorities', authorityId);
    if (!before) continue;
    const authority = entityIn('certificateAuthorities', before.body);
    const serials = some.map(({ serial }) => serial);
    const ended = new Set(await certificates.forgetEnded(authorityId));
    const kept = authority.revokedSerials.filter((serial) => !ended.has(serial));
    const revokedSerials = [...new Set([...kept, ...serials])];
    if (revokedSerials.length > revokedSerialsMax)
      throw new MillraceError(
        'conflict',
        `${authorityId} has ${revokedSerialsMax} revoked certificates; make another authority and delete this one.`,
      );
    const body = bodyOf<'certificateAuthorities'>({ ...authority, revokedSerials });
    await rows.write('certificate_authorities', [{ id: authorityId, body, before }]);
    await certificates.revoke(serials);
  }
}
