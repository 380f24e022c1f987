/** What the services of an installation say of themselves when they are asked at the addresses of MILLRACE_ACCOUNTING_URLS. */
import type { AccountingReport } from '@millrace/observe';

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

async function answerOf(address: string, path: string, msMax: number): Promise<Response | undefined> {
  try {
    return await fetch(new URL(path, address), { signal: AbortSignal.timeout(msMax) });
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
