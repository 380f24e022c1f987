/** The processes below this one, as the kernel lists them (proc(5), `children`). Linux only: elsewhere there are none. */
import { globSync, readFileSync } from 'node:fs';

export function descendants(of: number = process.pid): readonly number[] {
  const children = globSync(`/proc/${of}/task/*/children`).flatMap((file) => numbersIn(file));
  return children.flatMap((pid) => [pid, ...descendants(pid)]);
}

function numbersIn(file: string): number[] {
  try {
    return readFileSync(file, 'latin1').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
