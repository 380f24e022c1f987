/** Takes a configuration folder to the api of a stack, as `POST /v1/config/apply` does it for everybody. */
import { setTimeout as sleep } from 'node:timers/promises';
import { loopback } from '../stack/ports.ts';
import type { Stack } from '../stack/stack.ts';
import { UserError } from '../stack/user-error.ts';

export interface ApiDoor {
  readonly url: string;
  readonly key: string;
}

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
    readonly change: string;
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
  // Imported when needed: the command line is loaded before the dependencies are installed.
  const { readConfigurationFolder } = await import('@millrace/config');
  const { connections: _, ...files } = await readConfigurationFolder(folder);
  await opened(door, signal);
  const applied = await asked<AppliedSummary>(door, `/v1/config/apply?prune=${prune}`, signal, files);
  if (applied.position !== null) await liveEverywhere(door, applied.position, signal);
  return applied;
}

async function opened(door: ApiDoor, signal: AbortSignal): Promise<void> {
  for (const until = performance.now() + openMsMax; ; await sleep(pollMs, undefined, { signal })) {
    const { status } = await fetch(`${door.url}/v1/access`, { headers: headersOf(door), signal });
    if (status === 200) return;
    if (performance.now() > until) throw new UserError(`The api does not know its own key: it answers ${status}.`);
  }
}

/** Also for a change that was made in another way; `position` is that of the answer. */
export async function liveEverywhere(door: ApiDoor, position: string, signal: AbortSignal): Promise<void> {
  const question = `/v1/config/propagation?position=${position}&wait=${waitMs}`;
  for (const until = performance.now() + liveMsMax; ;) {
    const { live, services } = await asked<Propagation>(door, question, signal);
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

async function asked<T>(door: ApiDoor, path: string, signal: AbortSignal, body?: object): Promise<T> {
  const response = await fetch(door.url + path, {
    signal,
    headers: { ...headersOf(door), ...(body && { 'content-type': 'application/json' }) },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });
  if (response.ok) return (await response.json()) as T;
  const problem = (await response.json().catch(() => ({}))) as { readonly detail?: string };
  throw new UserError(`The api refused ${path.split('?')[0]}: ${problem.detail ?? response.status}`);
}

const headersOf = ({ key }: ApiDoor): Readonly<Record<string, string>> => ({ authorization: `Bearer ${key}` });
