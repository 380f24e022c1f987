/** Imports of the whole fleet: new, again, behind most of it, and with a change in every row. */
import type { ApiBenchOptions } from './options.ts';
import { changedFleetNdjson, fleetCsv } from './fleet.ts';
import { type Subject, Connections, liveAfterMs } from './subject.ts';
import { forgetPeak, readProcessTree, usageOf } from '../process-usage.ts';
import { ProcessCosts } from '../process-costs.ts';
import type { ImportFigures, MemoryFigures } from './api-report.ts';

interface ImportEnd {
  readonly rows: number;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly position: string | null;
  readonly done: boolean;
}

interface ImportOrder {
  readonly name: string;
  readonly type: 'text/csv' | 'application/x-ndjson';
  readonly file: Buffer;
  readonly skipRows?: number;
}

/** Rows that an import which was cut off shortly before its end has left. */
const rowsLeft = 1_000;

export async function measureImports(
  subject: Subject,
  { devices }: Pick<ApiBenchOptions, 'devices'>,
  progress: (text: string) => void,
): Promise<{ readonly imports: readonly ImportFigures[]; readonly memory: readonly MemoryFigures[] }> {
  const before = residentOf(subject);
  const csv = { type: 'text/csv', file: fleetCsv(devices) } as const;
  const orders: readonly (() => ImportOrder)[] = [
    () => ({ name: 'CSV, new devices', ...csv }),
    () => ({ name: 'CSV again, nothing changes', ...csv }),
    () => ({
      name: `CSV, all but ${rowsLeft.toLocaleString('en-US')} rows skipped`,
      ...csv,
      skipRows: devices - rowsLeft,
    }),
    () => ({ name: 'NDJSON, each device changes', type: 'application/x-ndjson', file: changedFleetNdjson(devices) }),
  ];
  const imports: ImportFigures[] = [];
  for (const order of orders) {
    const made = order();
    progress(`import: ${made.name}`);
    imports.push(await measureImport(subject, made));
  }
  const after = residentOf(subject);
  const memory = [...before].map(([name, beforeMiB]) => ({ name, beforeMiB, afterMiB: after.get(name) ?? 0 }));
  return { imports, memory };
}

async function measureImport(
  subject: Subject,
  { name, type, file, skipRows = 0 }: ImportOrder,
): Promise<ImportFigures> {
  const { pid } = subject.processes.find((one) => one.name === 'api')!;
  const connections = new Connections(subject.api, subject.key, 1);
  try {
    forgetPeak(pid);
    const costs = new ProcessCosts(subject.processes);
    const startedMs = performance.now();
    const path = `/v1/devices/import?mode=upsert&skipRows=${skipRows}`;
    const { status, body } = await connections.ask({ method: 'POST', path, type, body: file });
    const end = status === 200 ? lastLine(body) : undefined;
    if (!end?.done) throw new Error(`The import ended with ${status}: ${body.toString().slice(-500)}`);
    const seconds = (performance.now() - startedMs) / 1_000;
    const cpu = costs.costs(1);
    const liveSeconds = end.position === null ? null : (await liveAfterMs(connections, end.position)) / 1_000;
    const { rows, created, changed, unchanged, failed } = end;
    return {
      name,
      rows: rows - skipRows,
      created,
      changed,
      unchanged,
      failed,
      fileBytes: file.byteLength,
      seconds,
      rowsPerSecond: (rows - skipRows) / seconds,
      apiCpuSeconds: secondsOf(cpu, 'api'),
      postgresCpuSeconds: secondsOf(cpu, 'postgres'),
      apiPeakMiB: usageOf(pid, new Map()).peakMiB,
      liveAfterSeconds: liveSeconds,
    };
  } finally {
    connections.close();
  }
}

function lastLine(body: Buffer): ImportEnd {
  return JSON.parse(body.toString().trimEnd().split('\n').at(-1)!) as ImportEnd;
}

export function secondsOf(costs: ReturnType<ProcessCosts['costs']>, name: string): number {
  return costs.find((one) => one.name === name)?.cpuSeconds ?? 0;
}

export function residentOf({ processes }: Pick<Subject, 'processes'>): ReadonlyMap<string, number> {
  const tree = readProcessTree();
  return new Map(processes.map(({ name, pid }) => [name, usageOf(pid, tree).residentMiB]));
}
