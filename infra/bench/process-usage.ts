/** CPU time and memory of a process with all its descendants, from Linux' /proc (proc(5)). */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

export interface Usage {
  /** User and system time since the process started, of it and of its living and ended, waited-for descendants. */
  readonly cpuSeconds: number;
  /** Largest resident memory each process ever had, or since `forgetPeak`, summed. */
  readonly peakMiB: number;
  /** Resident memory now, summed. */
  readonly residentMiB: number;
}

/** USER_HZ is 100 on every Linux architecture that Node runs on. */
const ticksPerSecond = 100;

export type ProcessTree = ReadonlyMap<number, readonly number[]>;

/** Parent → children of every process there is. */
export function readProcessTree(): ProcessTree {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = statOf(Number(entry))?.parent;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  return children;
}

export function usageOf(pid: number, tree: ProcessTree): Usage {
  const stat = statOf(pid);
  let cpuSeconds = (stat?.ticks ?? 0) / ticksPerSecond;
  let { peakMiB, residentMiB } = memoryOf(pid);
  for (const child of tree.get(pid) ?? []) {
    const usage = usageOf(child, tree);
    cpuSeconds += usage.cpuSeconds;
    peakMiB += usage.peakMiB;
    residentMiB += usage.residentMiB;
  }
  return { cpuSeconds, peakMiB, residentMiB };
}

/** The peak of a process, without its descendants, begins anew. */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** The command in field 2 may contain anything, so fields are counted from its closing parenthesis. */
function statOf(pid: number): { parent: number; ticks: number } | undefined {
  const text = read(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { parent: Number(fields[1]), ticks };
}

function memoryOf(pid: number): Pick<Usage, 'peakMiB' | 'residentMiB'> {
  const status = read(`/proc/${pid}/status`) ?? '';
  const mebibytes = (pattern: RegExp): number => Number(pattern.exec(status)?.[1] ?? 0) / 1024;
  return { peakMiB: mebibytes(/^VmHWM:\s+(\d+) kB/m), residentMiB: mebibytes(/^VmRSS:\s+(\d+) kB/m) };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
