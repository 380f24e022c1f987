/** Takes a configuration folder to the api of a stack, as `POST /v1/config/apply` does it for everybody. */
import { setTimeout as sleep } from 'node:timers/promises';
import { loopback } from '../stack/ports.ts';
import type { Stack } from '../stack/stack.ts';
import { UserError } from '../stack/user-error.ts';
import { ApiClient, type ApiDoor, withFields } from './api-client.ts';

/** That of a stack. */
export function apiOf(stack: Pick<Stack, 'port' | 'adminKey'>): ApiDoor {
  return { url: `http://${loopback}:${stack.port('api-1')}`, key: stack.adminKey };
}

/** The api knows its own keys when they have gone through the topic. */
const openMsMax = 30_000;
const liveMsMax = 60_000;
const pollMs = 50;
/** As long as one question may wait. */
const waitMs = 5_000;

export interface AppliedSummary {
  readonly changes: readonly {
    readonly tenant: string;
    readonly entity: string;
    readonly id: string;
    readonly change: 'created' | 'changed' | 'deleted';
    /** What differs in what was changed. */
    readonly members: readonly string[];
  }[];
  readonly unchanged: number;
  readonly position: string | null;
}

/**
 * Resolves when everything in the folder is live in every service. `prune`: what the folder does not have of its tenants is deleted.
 * Throws a UserError with what the api found wrong.
 */
export async function applyConfiguration(
  door: ApiDoor,
  folder: string,
  {
    prune,
    signal = AbortSignal.timeout(openMsMax + liveMsMax),
  }: { readonly prune: boolean; readonly signal?: AbortSignal | undefined },
): Promise<AppliedSummary> {
  const files = await filesIn(folder);
  const api = new ApiClient(door);
  await opened(api, signal);
  const applied = await sendFiles(api, files, { prune, dryRun: false }, signal);
  if (applied.position !== null) await liveEverywhere(door, applied.position, signal);
  return applied;
}

/** Without connections, which are the client manager's. Throws a UserError for a folder that is wrong. */
export async function filesIn(folder: string): Promise<object> {
  // Imported when needed: the command line is loaded before the dependencies are installed.
  const [{ readConfigurationFolder }, { MillraceError }] = await Promise.all([
    import('@millrace/config'),
    import('@millrace/contracts'),
  ]);
  try {
    const { connections: _, ...files } = await readConfigurationFolder(folder);
    return files;
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    throw new UserError(withFields(error.message, error.errors), { cause: error });
  }
}

/** `dryRun`: only says what would be done. `override`: why scripts are published although they fail their samples. */
export function sendFiles(
  api: ApiClient,
  files: object,
  {
    prune,
    dryRun,
    override,
  }: { readonly prune: boolean; readonly dryRun: boolean; readonly override?: string | undefined },
  signal: AbortSignal,
): Promise<AppliedSummary> {
  const query = new URLSearchParams({ prune: String(prune), dryRun: String(dryRun) });
  if (override !== undefined) query.set('override', override);
  return api.send('POST', `/v1/config/apply?${query.toString()}`, files, signal);
}

async function opened(api: ApiClient, signal: AbortSignal): Promise<void> {
  for (const until = performance.now() + openMsMax; ; await sleep(pollMs, undefined, { signal })) {
    const { status } = await api.answer('/v1/access', { signal });
    if (status === 200) return;
    if (performance.now() > until) throw new UserError(`The api does not know its own key: it answers ${status}.`);
  }
}

/** Also for a change that was made in another way; `position` is that of the answer. */
export async function liveEverywhere(door: ApiDoor, position: string, signal: AbortSignal): Promise<void> {
  const api = new ApiClient(door);
  const question = `/v1/config/propagation?position=${position}&wait=${waitMs}`;
  for (const until = performance.now() + liveMsMax; ;) {
    const { live, services } = await api.get<Propagation>(question, signal);
    if (live) return;
    const behind = services.filter((one) => !one.live).map(({ instance }) => instance);
    if (performance.now() > until)
      throw new UserError(`The configuration is not live in ${behind.join(', ') || 'any service'}; its log says why.`);
  }
}

interface Propagation {
  readonly live: boolean;
  readonly services: readonly { readonly instance: string; readonly live: boolean }[];
}
