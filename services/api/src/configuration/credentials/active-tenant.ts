/** Devices of a tenant get nothing while it is suspended, and nobody learns of one that was deleted. */
import { MillraceError } from '@millrace/contracts';
import type { ResourceRows } from '@millrace/control';
import { entityIn } from '../resources/stored-body.ts';

/** Call it behind the check of the credential. Throws `tenant_suspended` or `unauthenticated`. */
export async function requireActiveTenant(rows: ResourceRows): Promise<void> {
  const found = await rows.find('tenants', rows.tenant);
  const state = found && entityIn('tenants', found.body).state;
  if (state === 'active') return;
  if (state === 'suspended') throw new MillraceError('tenant_suspended', `The tenant ${rows.tenant} is suspended.`);
  throw new MillraceError('unauthenticated', 'Send a valid credential.');
}
