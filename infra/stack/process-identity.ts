/**
 * Which process a number means: a pid is used again after its process ended, so a recorded one is only trusted together
 * with the moment the process was born. Linux tells it in /proc (clock ticks since boot), elsewhere `ps` does.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; two processes with the same pid never have the same. */
  readonly born: string;
}

/** Undefined when there is no such process (a zombie counts as none). */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const born = process.platform === 'linux' ? bornOnLinux(pid) : bornElsewhere(pid);
  return born === undefined ? undefined : { pid, born };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.born === identity.born;
}

/**
 * Pids of the process group that the recorded process led, itself included; empty when the pid means another process now.
 * It must have led a session as well. When the leader is gone, its number cannot be given away while members live.
 */
export function groupOf(leader: ProcessIdentity): number[] {
  const current = identityOf(leader.pid);
  if (current && current.born !== leader.born) return [];
  if (process.platform !== 'linux') return current ? [leader.pid] : [];
  if (!leader.born.startsWith(`${bootId()}/`)) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const stat = statOf(pid);
      return stat?.group === leader.pid && stat.session === leader.pid;
    });
}

function bornOnLinux(pid: number): string | undefined {
  const stat = statOf(pid);
  return stat && `${bootId()}/${stat.startTicks}`;
}

interface Stat {
  readonly group: number;
  readonly session: number;
  readonly startTicks: string;
}

/** Fields 3 (state), 5 (process group), 6 (session) and 22 (start) of proc_pid_stat(5); the name in field 2 may hold anything, even `)`. */
function statOf(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, , group, session] = fields;
  if (state === 'Z' || state === 'X') return undefined;
  return { group: Number(group), session: Number(session), startTicks: fields[19] ?? '' };
}

let knownBootId: string | undefined;
function bootId(): string {
  knownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return knownBootId;
}

function bornElsewhere(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}
