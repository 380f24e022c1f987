/** How many devices a tenant may have; checked where they are written, in the transaction that writes them. */
import type { ResourceRows } from '@millrace/control';
import { devicesExceeded } from '@millrace/quotas';
import { entityIn } from './stored-body.ts';

/**
 * Call it after so many devices were created: writers take turns from their first change to their commit, so nobody else's are in
 * between. Throws `quota_exceeded`.
 */
export async function checkDeviceQuota(rows: ResourceRows, created: number): Promise<void> {
  if (created === 0) return;
  const tenant = await rows.find('tenants', rows.tenant);
  const { quotas } = tenant ? entityIn('tenants', tenant.body) : { quotas: null };
  if (quotas?.devices == null) return;
  const error = devicesExceeded(quotas, (await rows.count('devices')) - created, created);
  if (error) throw error;
}
