/** What the services of an installation say of themselves when they are asked at the addresses of MILLRACE_ACCOUNTING_URLS. */
import type { AccountingReport } from '@millrace/observe';

/** As the parser says it. */
export interface Quarantined {
  readonly scriptId: string;
  readonly version: number;
  /** Null: the script rests for all devices. */
  readonly device: string | null;
  readonly reason: string;
  readonly failures: number;
  readonly restsUntil: string;
}

/** A service that does not answer within it is busy or away; the answer says so rather than waits. */
const answerMsMax = 2_000;

/** What became of its messages; undefined: it does not answer in time. */
export async function reportOf(address: string, msMax = answerMsMax): Promise<AccountingReport | undefined> {
  const response = await answerOf(address, '/v1/accounting', msMax);
  return response?.ok ? bodyOf<AccountingReport>(response) : undefined;
}

/** Why it should get no work, in sentences; none: it is ready. Undefined: it does not answer in time. */
export async function waitingReasonsOf(address: string, msMax = answerMsMax): Promise<readonly string[] | undefined> {
  const response = await answerOf(address, '/health/ready', msMax);
  if (response?.status !== 200 && response?.status !== 503) return undefined;
  const body = await bodyOf<{ readonly reasons: Readonly<Record<string, string>> }>(response);
  return body && Object.values(body.reasons);
}

/** What a service that runs scripts has put into quarantine; null: the service runs none. Undefined: it does not answer in time. */
export function quarantineOf(address: string, tenant: string): Promise<readonly Quarantined[] | null | undefined> {
  return whereScriptsRun(
    address,
    `/v1/sandbox/quarantine?${new URLSearchParams({ tenant }).toString()}`,
    'GET',
    'entries',
  );
}

/** How many ended; null: the service runs no scripts. Undefined: it does not answer in time. */
export function clearedIn(address: string, what: Readonly<Record<string, string>>): Promise<number | null | undefined> {
  return whereScriptsRun(
    address,
    `/v1/sandbox/quarantine?${new URLSearchParams(what).toString()}`,
    'DELETE',
    'cleared',
  );
}

async function whereScriptsRun<T>(
  address: string,
  path: string,
  method: string,
  member: string,
): Promise<T | null | undefined> {
  const response = await answerOf(address, path, answerMsMax, method);
  if (response?.status === 404) return null;
  return response?.ok ? (await bodyOf<Readonly<Record<string, T>>>(response))?.[member] : undefined;
}

async function answerOf(address: string, path: string, msMax: number, method = 'GET'): Promise<Response | undefined> {
  try {
    return await fetch(new URL(path, address), { method, signal: AbortSignal.timeout(msMax) });
  } catch {
    return undefined;
  }
}

async function bodyOf<T>(response: Response): Promise<T | undefined> {
  try {
    return (await response.json()) as T;
  } catch {
    return undefined;
  }
}
