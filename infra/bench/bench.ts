/** `./millrace bench`: drives the stream at the standard load and says what it cost, what it delivered, and how fast. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AlarmProbe } from './alarm-probe.ts';
import { apiBench } from './api/api-bench.ts';
import { startBenchStack, type BenchStack } from './bench-stack.ts';
import { LoadChild } from './load-child.ts';
import { failoverBench } from './failover/failover-bench.ts';
import { type BenchOptions, benchHelp, parseBenchOptions } from './options.ts';
import type { Percentiles } from './percentiles.ts';
import { ProcessCosts, watchedOf } from './process-costs.ts';
import { type BenchReport, type Latency, reportText } from './report.ts';
import { RowProbe } from './row-probe.ts';
import { measureScale } from './scale.ts';
import { scaleReportText } from './scale-report.ts';
import { scriptsBench } from './scripts/scripts-bench.ts';
import { standardLoad } from './standard-load.ts';
import { drained, table } from './stored.ts';

/** Exit code: 0 when nothing was lost or stored twice, 1 otherwise, 2 for wrong flags. */
export async function bench(parameters: readonly string[], signal: AbortSignal): Promise<number> {
  if (parameters[0] === 'api') return apiBench(parameters.slice(1), signal);
  if (parameters[0] === 'failover') return failoverBench(parameters.slice(1), signal);
  if (parameters[0] === 'scripts') return scriptsBench(parameters.slice(1), signal);
  if (parameters.includes('--help')) return print(benchHelp, 0);
  const options = parseBenchOptions(parameters);
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const progress = (text: string): void => void process.stderr.write(`${text}\n`);
  const running = await startBenchStack(dataDir, options.profileDir, signal, progress);
  try {
    if (options.scale) {
      const report = await measureScale(options, running, signal, progress);
      return print(options.json ? `${JSON.stringify(report)}\n` : scaleReportText(report), isClean(report) ? 0 : 1);
    }
    const report = await measure(options, running, signal, progress);
    return print(options.json ? `${JSON.stringify(report)}\n` : reportText(report), isClean(report) ? 0 : 1);
  } finally {
    await running.stack.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const isClean = ({ pointsLost, pointsDuplicate }: Pick<BenchReport, 'pointsLost' | 'pointsDuplicate'>): boolean =>
  pointsLost === 0 && pointsDuplicate === 0;

async function measure(
  options: BenchOptions,
  { stack, gateway, apiKeys }: BenchStack,
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<BenchReport> {
  const { pointsPerMessage } = standardLoad;
  const questdb = stack.address('questdb');
  const alarms = new AlarmProbe();
  await alarms.start(stack.address('kafka'), stack.address('registry'));
  const messagesPerSecond = options.pointsPerSecond / pointsPerMessage;
  const url = options.kind === 'http' ? gateway : stack.address('mosquitto');
  const load = new LoadChild({ kind: options.kind, url, apiKeys, messagesPerSecond });
  const stopProbing = new AbortController();
  try {
    progress(`warming up for ${options.warmUpSeconds} s`);
    await sleep(options.warmUpSeconds * 1_000, undefined, { signal });
    alarms.restart();
    const rows = new RowProbe({ gateway, questdb, table, apiKey: apiKeys['bench_0'] ?? '' });
    const probing = rows.run(stopProbing.signal);
    const watched = [...watchedOf(stack.processes), { name: 'generator', pid: load.pid }];
    const costs = new ProcessCosts(watched);
    const acceptedBefore = load.report.accepted;
    const startedMs = performance.now();
    progress(`measuring for ${options.seconds} s`);
    await sleep(options.seconds * 1_000, undefined, { signal });
    const measuredSeconds = (performance.now() - startedMs) / 1_000;
    const points = (load.report.accepted - acceptedBefore) * pointsPerMessage;
    const processes = costs.costs(points);
    stopProbing.abort();
    await probing;
    const behindMessages = load.report.behind;
    const alarmEvents = alarms.latencies.total;
    const end = await load.stop();
    progress('waiting for the last points');
    const sent = (end.accepted + rows.sent) * pointsPerMessage;
    const drain = await drained(questdb, sent, signal);
    return {
      load: options.kind,
      orderedMessagesPerSecond: messagesPerSecond,
      measuredSeconds,
      pointsPerSecond: points / measuredSeconds,
      processes,
      microsPerPoint: processes.filter(({ counted }) => counted).reduce((sum, one) => sum + one.microsPerPoint, 0),
      pointsSent: sent,
      pointsStored: drain.pointsStored,
      pointsLost: drain.pointsLost,
      pointsDuplicate: drain.pointsDuplicate,
      alarmEvents,
      receiptMs: { p50: end.receiptMsP50, p99: end.receiptMsP99 },
      deviceToRowMs: latencyOf(rows.latencies),
      deviceToAlarmMs: latencyOf(alarms.latencies),
      lagPoints: drain.lagPoints,
      drainSeconds: drain.seconds,
      behindMessages,
      repeatedRequests: end.repeatedRequests,
    };
  } finally {
    stopProbing.abort();
    load.kill();
    await alarms.stop();
  }
}

const latencyOf = (percentiles: Percentiles): Latency => ({ p50: percentiles.at(0.5), p99: percentiles.at(0.99) });

function print(text: string, code: number): number {
  process.stdout.write(text);
  return code;
}
