/** The first key of an installation: from the environment, or made at the first start and good for making another one. */
import { generateKey, keyIdOf } from '@millrace/auth';
import { idOf, keptEntity, readEntity, type SecretKeeper } from '@millrace/config';
import { MillraceError } from '@millrace/contracts';
import { type Database, ResourceRows } from '@millrace/control';
import { type Scope, scopeNames } from '@millrace/config';
import { bodyOf } from './stored-body.ts';

/** The tenant of those who operate the installation. */
export const platformTenant = 'platform';

const firstKeyHours = 1;

export interface FirstKey {
  readonly key: string;
  readonly expiresAt: Date;
}

/**
 * Makes sure that somebody can come in. `given`: the key that the installation was given, for good. Without it, and while there is no
 * key of the platform, a new one, to be shown once.
 */
export function ensureFirstKey(
  database: Database,
  secrets: SecretKeeper,
  given: string | undefined,
  nowMs: number,
): Promise<FirstKey | undefined> {
  if (given !== undefined && keyIdOf(given) === undefined)
    throw new MillraceError(
      'configuration_invalid',
      'MILLRACE_ADMIN_KEY is not a key. Give an id, a dot and 16 to 128 characters.',
    );
  return database.ofTenant(platformTenant, async (transaction) => {
    const rows = new ResourceRows(transaction, platformTenant);
    await rows.takeTurn();
    if (!(await rows.find('tenants', platformTenant))) {
      const tenant = readEntity('tenants', platformTenant, { tenant: platformTenant, name: 'Platform' });
      await rows.create('tenants', platformTenant, bodyOf(keptEntity('tenants', tenant, undefined, secrets)));
    }
    const keys = await rows.all('api_keys');
    if (given !== undefined) {
      await putKey(rows, secrets, given, null);
      return undefined;
    }
    if (keys.some(({ body }) => (body['scopes'] as readonly Scope[]).includes('platform'))) return undefined;
    const expiresAt = new Date(nowMs + firstKeyHours * 3_600_000);
    const key = generateKey();
    await putKey(rows, secrets, key, expiresAt);
    return { key, expiresAt };
  });
}

async function putKey(rows: ResourceRows, secrets: SecretKeeper, key: string, expiresAt: Date | null): Promise<void> {
  const body = { keyId: keyIdOf(key)!, key, scopes: scopeNames, expiresAt: expiresAt?.toISOString() ?? null };
  const entity = keptEntity('apiKeys', readEntity('apiKeys', platformTenant, body), undefined, secrets);
  const id = idOf('apiKeys', entity);
  await rows.write('api_keys', [{ id, body: bodyOf(entity), before: await rows.lock('api_keys', id) }]);
}
