/**
 * `./millrace prove`: a platform of its own under load, its processes killed and frozen; then the senders' ledger against
 * Kafka and QuestDB, and everything made again from the raw bytes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type PlantStack, startPlant } from '../integrity/plant-stack.ts';
import { builtServices } from '../stack/index.ts';
import { type CourseOptions, type ProveSteps, runCourse } from './course.ts';
import { plantedEnvironment } from './planted-bugs.ts';
import { type InterruptionResult, type Proof, Violations } from './proof.ts';
import { ProvingLoad } from './proving-load.ts';
import { reconcile, type Reconciliation, type RunParts } from './reconciliation.ts';
import { replay } from './replay.ts';
import { Sampler } from './sampler.ts';
import { checkWork, compare, violationsOf } from './verdict.ts';
import { versionsInUse } from './versions.ts';

/** Two members of one group, so that partitions change hands and a frozen one comes back to find them taken; three owners of connections. */
const further = ['parser', 'historian', 'alarm-evaluator', 'client-manager', 'client-manager'];

/** A gateway asks Kafka for half a minute before it gives up. */
const receiptsMsMax = 90_000;

export async function prove(options: CourseOptions, steps: ProveSteps, signal: AbortSignal): Promise<Proof> {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-prove-'));
  let plant: PlantStack | undefined;
  try {
    const services = [...builtServices(), ...further];
    const environment = plantedEnvironment(options.planted);
    plant = await steps.step('Starting a platform', (report) =>
      startPlant({ dataDir, services, environment, hostile: true, report, signal }),
    );
    return await proveOn(plant, options, steps, signal);
  } finally {
    await plant?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function proveOn(
  plant: PlantStack,
  options: CourseOptions,
  steps: ProveSteps,
  signal: AbortSignal,
): Promise<Proof> {
  const startedAt = new Date().toISOString();
  const load = new ProvingLoad(plant);
  const parts = { plant, load, sampler: new Sampler(plant, load.ledger) };
  const stuck = new Violations('stuck', 'After every interruption the stream goes on, and in the end all is read.');
  const { interruptions, loadSeconds, reconciliation } = await loaded(parts, options, stuck, steps, signal);
  const replayed = await steps.step('Replaying the raw topic', (report) => replay(plant, report, signal));
  const { comparisons, checks: replayChecks } = compare(reconciliation.recorded, replayed);
  const checks = [checkWork(interruptions), stuck.check, ...reconciliation.checks, ...replayChecks];
  return {
    passed: checks.every(({ violations }) => violations === 0),
    seed: options.seed,
    planted: options.planted.map(({ name }) => name),
    startedAt,
    loadSeconds,
    versions: versionsInUse(),
    messages: messagesOf(load, reconciliation),
    interruptions,
    checks,
    balance: reconciliation.balance,
    hops: reconciliation.hops,
    replay: comparisons,
    samples: parts.sampler.samples,
  };
}

interface Loaded {
  readonly interruptions: readonly InterruptionResult[];
  readonly loadSeconds: number;
  readonly reconciliation: Reconciliation;
}

/** Samples are taken until everything is reconciled, so that the lag is seen to end. */
async function loaded(
  parts: RunParts,
  options: CourseOptions,
  stuck: Violations,
  steps: ProveSteps,
  signal: AbortSignal,
): Promise<Loaded> {
  const { load, sampler } = parts;
  const ending = new AbortController();
  load.start();
  const sampled = sampler.run(ending.signal);
  try {
    const interruptions = await runCourse(parts, options, stuck, steps, signal);
    const loadSeconds = sampler.nowMs / 1_000;
    const reconciliation = await steps.step('Reconciling', async (report) => {
      report('waiting for the last receipt');
      if (!(await endsWithin(load.stop(), receiptsMsMax, signal))) stuck.add('Some senders got no receipt.');
      return reconcile(parts, stuck, report, signal);
    });
    return { interruptions, loadSeconds, reconciliation };
  } finally {
    ending.abort();
    load.stop().catch(() => {});
    await sampled;
  }
}

async function endsWithin(work: Promise<unknown>, limitMs: number, signal: AbortSignal): Promise<boolean> {
  const limit = sleep(limitMs, false, { ref: false, signal });
  return Promise.race([work.then(() => true), limit]);
}

function messagesOf(
  { ledger, requestsSentAgain, hostile }: ProvingLoad,
  { checks, rows, deadLettered }: Reconciliation,
): Proof['messages'] {
  return {
    sent: ledger.entries.length,
    acknowledged: ledger.acknowledged,
    requestsSentAgain,
    stored: rows,
    deadLettered,
    hostile: hostile.sent,
    lost: violationsOf(checks, 'lost_before_stream', 'lost_in_parser', 'dead_letter_missing', 'lost_in_historian'),
    duplicate: violationsOf(checks, 'duplicate'),
  };
}
