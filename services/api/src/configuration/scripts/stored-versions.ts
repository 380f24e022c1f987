/** Versions of scripts that are asked for by their number. */
import { MillraceError } from '@millrace/contracts';
import { ScriptVersions } from '@millrace/control';
import type { Resources } from '../resources/resources.ts';

export type StoredVersion = NonNullable<Awaited<ReturnType<ScriptVersions['find']>>>;

/** Throws `not_found`. */
export async function versionOf(
  resources: Resources,
  tenant: string,
  id: string,
  version: number,
): Promise<StoredVersion> {
  const found = await resources.within(tenant, (transaction) =>
    new ScriptVersions(transaction, tenant).find(id, version),
  );
  if (found) return found;
  throw new MillraceError('not_found', `There is no version ${version} of a script ${id}.`);
}
