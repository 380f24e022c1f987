/** What goes with devices that are deleted: another device under the same uid must not be opened by what they had. */
import { CertificateRows, type Database, RegistrationRows, type ResourceRows } from '@millrace/control';
import { revokeCertificates } from './revocation.ts';

type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0];

/** Call it before they are deleted, in the same transaction: their certificates are revoked, and they do not register themselves again. */
export async function endDevices(
  transaction: Transaction,
  rows: ResourceRows,
  deviceUids: readonly string[],
): Promise<void> {
  if (deviceUids.length === 0) return;
  const certificates = new CertificateRows(transaction, rows.tenant);
  const live = await certificates.liveOf(deviceUids);
  await revokeCertificates({ rows, certificates }, live);
  await new RegistrationRows(transaction, rows.tenant).refuseEnrolled(deviceUids);
}
