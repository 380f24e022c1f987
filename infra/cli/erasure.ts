/** The erasure of a tenant, for people: waiting for it, and its receipt. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../configure/api-client.ts';
import { plainText, tableLines } from './table.ts';
import type { Terminal } from './terminal.ts';

export interface Erasure {
  readonly tenant: string;
  readonly state: 'waiting' | 'running' | 'failed' | 'done';
  readonly askedBy: string;
  readonly askedAt: string;
  readonly doneAt: string | null;
  readonly attempts: number;
  readonly steps: readonly {
    readonly name: string;
    readonly begunAt: string;
    readonly endedAt: string | null;
    readonly removed: readonly { readonly name: string; readonly unit: string; readonly count: number }[];
  }[];
  readonly failure: { readonly step: string; readonly reason: string } | null;
  readonly nextAttemptAt: string | null;
  readonly expires: readonly { readonly topic: string; readonly at: string }[];
  readonly remains: readonly string[];
}

const askAgainMs = 500;

/** Resolves with the receipt when everything is done. It goes on in the installation when nobody waits any more. */
export function erased(tenant: string, api: ApiClient, terminal: Terminal, signal: AbortSignal): Promise<Erasure> {
  return terminal.step(`Erasing ${tenant}`, async (report) => {
    for (;;) {
      const erasure = await api.get<Erasure>(`/v1/erasures/${encodeURIComponent(tenant)}`, signal);
      if (erasure.state === 'done') return erasure;
      report(plainText(whereItIs(erasure)));
      await sleep(askAgainMs, undefined, { signal });
    }
  });
}

function whereItIs({ state, steps, failure, nextAttemptAt }: Erasure): string {
  if (state === 'failed' && failure) return `${failure.step}: ${failure.reason} Again at ${nextAttemptAt}.`;
  return steps.find(({ endedAt }) => endedAt === null)?.name ?? state;
}

/** The receipt: what was done, what leaves by itself and when, what stays. */
export function linesOf(erasure: Erasure, terminal: Terminal): readonly string[] {
  const { tenant, state, askedBy, askedAt, doneAt, steps, failure, nextAttemptAt, expires, remains } = erasure;
  const title = (text: string): string[] => ['', terminal.styled('bold', text)];
  const rows = steps.flatMap(({ name, begunAt, endedAt, removed }) => {
    const what = removed.map((one) => `${one.count} ${one.unit} of ${one.name}`);
    const [first = '-', ...others] = what;
    return [[name, begunAt, endedAt ?? '-', first], ...others.map((text) => ['', '', '', text])];
  });
  const failed = failure
    ? [`Last failure (${failure.step}): ${plainText(failure.reason)} Again at ${nextAttemptAt ?? '-'}.`]
    : [];
  const leaving =
    expires.length === 0
      ? []
      : [
          ...title('Leaves Kafka by itself'),
          ...tableLines(
            ['topic', 'at the latest'],
            expires.map(({ topic, at }) => [topic, at]),
            terminal,
          ),
        ];
  return [
    `${plainText(tenant)}: ${state}. Asked for by the key ${plainText(askedBy)} at ${askedAt}${doneAt === null ? '' : `, done at ${doneAt}`}.`,
    ...failed,
    '',
    ...tableLines(['step', 'begun', 'ended', 'removed'], rows, terminal),
    ...leaving,
    ...title('Stays'),
    ...remains.map((text) => `- ${plainText(text)}`),
  ];
}
