/** Asks the platform what became of the messages, hop by hop: `GET /v1/accounting/sum` of the api. */
import http from 'k6/http';
import { sleep } from 'k6';
import { unexplainedMessages, type HopCounts } from './hop-counts.ts';
import type { Settings } from './settings.ts';

export interface AccountingSum {
  readonly hops: readonly HopCounts[];
  /** Services that did not answer. */
  readonly missing: readonly string[];
}

type Api = Pick<Settings, 'apiUrl' | 'apiKey'>;

/** A service may be busy for a moment. */
const attemptsMax = 5;

/** Throws when the api does not answer or a service is missing in the sum. */
export function readAccounting({ apiUrl, apiKey }: Api): AccountingSum {
  const url = `${apiUrl}/v1/accounting/sum`;
  let reason = '';
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const answer = http.get(url, { headers: { authorization: `Bearer ${apiKey}` } });
    const sum = answer.status === 200 ? (answer.json() as unknown as AccountingSum) : undefined;
    if (sum && sum.missing.length === 0 && sum.hops.length > 0) return sum;
    reason = sum ? `no answer from ${sum.missing.join(', ')}` : `${answer.status} ${answer.error}`;
    sleep(1);
  }
  throw new Error(`The accounting of ${url} is not complete: ${reason}.`);
}

/** Messages that no hop explains. Says what each hop did since `before`; an instance that ended in between took its numbers along. */
export function checkAccounting(api: Api, before: AccountingSum): number {
  const { hops } = readAccounting(api);
  let unexplained = 0;
  for (const hop of hops) {
    const earlier = before.hops.find((one) => one.service === hop.service && one.hop === hop.hop);
    const since = (end: 'in' | 'out' | 'deadLettered'): number => hop[end] - (earlier?.[end] ?? 0);
    const missing = unexplainedMessages(hop);
    unexplained += Math.abs(missing);
    console.info(
      `${hop.service}/${hop.hop}: ${since('in')} in, ${since('out')} out, ${since('deadLettered')} dead letters, ${hop.inFlight} in flight, ${missing} unexplained.`,
    );
  }
  return unexplained;
}
