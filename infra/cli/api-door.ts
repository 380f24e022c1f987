/** Which api a command asks, and in which tenant it acts there. */
import { adminKeyIn } from '../stack/admin-key.ts';
import { type ApiClient, type ApiDoor } from '../configure/api-client.ts';
import { currentState } from '../stack/state-file.ts';
import { UserError } from '../stack/user-error.ts';
import { dataFolder } from './data-folder.ts';

/** `MILLRACE_API_URL` with `MILLRACE_API_KEY`, or else the stack that runs in the folder; a folder that is named goes first. */
export function apiDoor(
  dataDirOption: string | undefined,
  { MILLRACE_API_URL: url, MILLRACE_API_KEY: key }: NodeJS.ProcessEnv = process.env,
): ApiDoor {
  if (dataDirOption === undefined && (url || key)) {
    if (!url || !key) throw new UserError('Set both, MILLRACE_API_URL and MILLRACE_API_KEY.', { exitCode: 2 });
    return { url: url.replace(/\/+$/, ''), key };
  }
  const dataDir = dataFolder(dataDirOption);
  const api = currentState(dataDir)?.processes.find((one) => one.name === 'api' && one.ready)?.url;
  if (!api)
    throw new UserError(
      `No api runs in ${dataDir}; start it with ./millrace up, or set MILLRACE_API_URL and MILLRACE_API_KEY.`,
    );
  return { url: api, key: adminKeyIn(dataDir) };
}

export interface ApiAccess {
  readonly tenant: string;
  readonly scopes: readonly string[];
}

export function accessOf(api: ApiClient, signal: AbortSignal): Promise<ApiAccess> {
  return api.get('/v1/access', signal);
}

/** In the tenant that is named; without one in that of the key, which has to be told for a key of the platform with several. */
export async function inTenant(api: ApiClient, wanted: string | undefined, signal: AbortSignal): Promise<ApiClient> {
  if (wanted !== undefined) return api.in(wanted);
  const { tenant: own, scopes } = await accessOf(api, signal);
  if (!scopes.includes('platform')) return api;
  const { items } = await api.get<{ readonly items: readonly { readonly tenant: string; readonly state: string }[] }>(
    '/v1/tenants?limit=1000',
    signal,
  );
  const others = items.filter(({ tenant, state }) => tenant !== own && state !== 'deleted').map(({ tenant }) => tenant);
  if (others.length === 1) return api.in(others[0]!);
  throw new UserError(`Name a tenant: --tenant ${others.join(' or --tenant ') || own}.`, { exitCode: 2 });
}
