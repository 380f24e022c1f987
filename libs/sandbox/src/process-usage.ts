/** What the kernel says of a process. Linux only: elsewhere the answer is undefined, and only the deadline guards. */
import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** 4 KiB on most machines, 16 or 64 on some of ARM: what this process holds is known in both units. */
const pageBytes = ((): number => {
  const pages = Number(read('/proc/self/statm')?.split(' ')[1]);
  const ratio = process.memoryUsage.rss() / pages;
  return ratio > 0 ? 2 ** Math.round(Math.log2(ratio)) : 4_096;
})();
/** Ticks of /proc/<pid>/stat: 100 per second on every Linux that Node supports. */
const tickMs = 10;

export function residentBytes(pid: number): number | undefined {
  const pages = read(`/proc/${pid}/statm`)?.split(' ')[1];
  return pages === undefined ? undefined : Number(pages) * pageBytes;
}

/** User and system time of all threads. */
export function cpuMs(pid: number): number | undefined {
  // The name of the program, in parentheses, may contain blanks.
  const fields = read(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ');
  return fields === undefined ? undefined : (Number(fields[11]) + Number(fields[12])) * tickMs;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}

/** A tenth of the processor beside one who wants all of it. */
const lowPriority = 10;

/** For all threads of a process: V8 compiles and collects beside the main one. Linux only; where it is not allowed nothing changes. */
export function lowerPriority(pid: number): void {
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), lowPriority);
  } catch {
    return;
  }
}
