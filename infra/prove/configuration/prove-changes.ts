/**
 * Changes of the configuration while whoever publishes them, keeps them or carries them is killed and frozen; then the book of
 * those who made them against the topic.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { deviceKey } from '@millrace/contracts';
import { type InterruptionKind, scheduleOf } from '../schedule.ts';
import { ChangeLedger, type ChangeReconciliation } from './change-ledger.ts';
import type { ChangeStack } from './change-stack.ts';
import { ConfigChanger } from './config-changer.ts';
import { readDeviceChanges } from './read-changes.ts';

/** Each is changed by one person, one change after the other. */
const devices = Array.from({ length: 20 }, (_, index) => `device-${index}`);
/** One of each is struck in every round. */
const processes = [['api-1', 'api-2'], ['postgres'], ['kafka']];
const readyMsMax = 60_000;
const liveMsMax = 60_000;
/** Nobody is told of it: the device that shows that all is published. */
const lastDevice = 'last';

export interface ChangeWishes {
  readonly changes: number;
  /** What the interruptions are drawn from. */
  readonly seed: number;
  readonly kinds: readonly InterruptionKind[];
}

export interface ChangeProof {
  readonly passed: boolean;
  readonly seed: number;
  readonly startedAt: string;
  readonly seconds: number;
  readonly acknowledged: number;
  readonly refused: number;
  /** They never got an answer: made or not, but at most once. */
  readonly unanswered: number;
  /** Changes whose first request was cut off. */
  readonly cutOff: number;
  /** By process and kind. */
  readonly interruptions: Readonly<Record<string, number>>;
  /** How many of each; none where all is well. */
  readonly violations: Readonly<Record<Violation, number>>;
  readonly examples: readonly string[];
}

export type Violation = keyof ChangeReconciliation | 'answeredOtherwise' | 'nothingCutOff';

const examplesMax = 5;

/** Rejects when a process does not come back, and with the signal's reason. */
export async function proveChanges(
  plane: ChangeStack,
  { changes, seed, kinds }: ChangeWishes,
  report: (text: string) => void,
  signal: AbortSignal,
): Promise<ChangeProof> {
  const startedAt = new Date();
  const ledger = new ChangeLedger();
  const { apis, apiKey, tenant, productId } = plane;
  const changer = new ConfigChanger(
    { apis, apiKey, tenant, productId, devices, giveUpEvery: 10, repeatEvery: 25 },
    ledger,
  );
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, ended.signal]);
  const changing = changer.run(Math.ceil(changes / devices.length), signal).finally(() => ended.abort());
  const struck = await interrupt(plane, { seed, kinds }, stop, (count) =>
    report(`${ledger.count('accepted')} of ${changes} changes acknowledged, ${count} interruptions`),
  );
  await changing;
  signal.throwIfAborted();

  report('waiting until all of them are published');
  const limit = AbortSignal.any([signal, AbortSignal.timeout(liveMsMax)]);
  await plane.newestIsLive(lastDevice, limit);
  const published = await readDeviceChanges(plane.stack, tenant);
  const found = ledger.reconcile(published.filter(({ key }) => key !== deviceKey(tenant, lastDevice)));
  const violations: Record<Violation, number> = {
    lost: found.lost.length,
    refusedButPublished: found.refusedButPublished.length,
    repeated: found.repeated.length,
    outOfOrder: found.outOfOrder.length,
    invented: found.invented.length,
    answeredOtherwise: changer.otherAnswers.length,
    // A run that hit nothing proves nothing.
    nothingCutOff: changer.interrupted === 0 ? 1 : 0,
  };
  return {
    passed: Object.values(violations).every((count) => count === 0),
    seed,
    startedAt: startedAt.toISOString(),
    seconds: Math.round((Date.now() - startedAt.getTime()) / 1_000),
    acknowledged: ledger.count('accepted'),
    refused: ledger.count('refused'),
    unanswered: ledger.count('unanswered'),
    cutOff: changer.interrupted,
    interruptions: Object.fromEntries(struck),
    violations,
    examples: [...examplesOf(found), ...changer.otherAnswers].slice(0, examplesMax),
  };
}

/** Until the signal fires; how often each process was struck, by `<process> <kind>`. */
async function interrupt(
  { stack }: ChangeStack,
  { seed, kinds }: Pick<ChangeWishes, 'seed' | 'kinds'>,
  signal: AbortSignal,
  report: (count: number) => void,
): Promise<ReadonlyMap<string, number>> {
  const struck = new Map<string, number>();
  let count = 0;
  for (const { victim, kind, frozenMs, pauseMs } of scheduleOf(seed, processes)) {
    if (signal.aborted) return struck;
    if (!kinds.includes(kind)) continue;
    report(count);
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    if (kind === 'kill') await stack.kill(victim);
    else {
      stack.signal(victim, 'SIGSTOP');
      await sleep(frozenMs, undefined, { signal }).catch(() => undefined);
      stack.signal(victim, 'SIGCONT');
    }
    count += 1;
    struck.set(`${victim} ${kind}`, (struck.get(`${victim} ${kind}`) ?? 0) + 1);
    await stack.ready(AbortSignal.timeout(readyMsMax));
  }
  return struck;
}

function* examplesOf(found: ChangeReconciliation): Generator<string> {
  for (const [violation, changes] of Object.entries(found))
    for (const { key, text } of changes as readonly { readonly key: string; readonly text: string | null }[])
      yield `${violation}: ${key}, ${text ?? 'deleted'}`;
}
