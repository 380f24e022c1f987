/** `./millrace bench api`: the control plane and the questions about data, with a tenant of many devices. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startConfigured } from '../bench-stack.ts';
import { type ApiBenchReport, apiReportText, isWhole } from './api-report.ts';
import { feed } from './feed.ts';
import { fleetConfiguration } from './fleet.ts';
import { measureImports } from './measure-imports.ts';
import { measureLive } from './measure-live.ts';
import { measureChanges, measureQuestions } from './measure-questions.ts';
import { type ApiBenchOptions, apiBenchHelp, parseApiBenchOptions } from './options.ts';
import { newKey, type Subject, subjectOf } from './subject.ts';

/** Messages of each device that has a history, so that a range is full; and changes of which it is watched when they are live. */
const usual = { historyMessages: 1_000, changes: 100 } as const;

/** Exit code: 0 when everything was answered and accounted for, 1 otherwise, 2 for wrong flags. */
export async function apiBench(parameters: readonly string[], signal: AbortSignal): Promise<number> {
  if (parameters.includes('--help')) return print(apiBenchHelp, 0);
  const options = parseApiBenchOptions(parameters);
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-bench-api-'));
  const progress = (text: string): void => void process.stderr.write(`${text}\n`);
  const { keyId, key } = newKey();
  const files = () => fleetConfiguration(keyId, key);
  const stack = await startConfigured(dataDir, files, options.profileDir, signal, progress);
  try {
    const report = await measureApi(subjectOf(stack, key), { ...options, ...usual }, signal, progress);
    return print(options.json ? `${JSON.stringify(report)}\n` : apiReportText(report), isWhole(report) ? 0 : 1);
  } finally {
    await stack.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

export type ApiMeasurement = Omit<ApiBenchOptions, 'json' | 'profileDir'> & Record<keyof typeof usual, number>;

/** Of a stack that has the configuration of `fleetConfiguration`. */
export async function measureApi(
  subject: Subject,
  options: ApiMeasurement,
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<ApiBenchReport> {
  const { devices, clients } = options;
  const { imports, memory } = await measureImports(subject, options, progress);
  progress('feeding values');
  const fed = await feed(subject, options, signal);
  const questions = await measureQuestions(subject, options, signal, progress);
  progress('changes, one after the other');
  const changes = await measureChanges(subject, options);
  const live = await measureLive(subject, options, signal, progress);
  return { devices, clients, imports, memory, feed: fed, questions, changes, live };
}

function print(text: string, code: number): number {
  process.stdout.write(text);
  return code;
}
