/** Gives up what the child no longer needs once it has loaded its languages, and looks at what is left. */
import { closeSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { Wall } from '../walls.ts';

/** `nobody` of every Linux. */
const nobody = 65_534;
/** Input, output, errors, the socket. */
const givenDescriptors = 4;

/** When the machine runs out of memory, the kernel should take this process and not its parent. Linux only. */
export function preferToDie(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    return;
  }
}

export function closeInherited(): void {
  for (const descriptor of inheritedDescriptors() ?? [])
    try {
      closeSync(descriptor);
    } catch {
      continue; // The walls tell.
    }
}

/** Of root only: from here on the process is nobody and owns nothing. */
export function dropPrivileges(): void {
  if (process.getuid?.() !== 0 || !mayKillOthers()) return;
  try {
    process.setgroups?.([]);
    process.setgid?.(nobody);
    process.setuid?.(nobody);
  } catch {
    return; // The walls tell.
  }
}

/** Looked at before rights are given up: afterwards the process may not look any more. */
const environment = read('/proc/self/environ');

/** A parent without this capability could not end a child of another user: then the child stays what it is. */
function mayKillOthers(): boolean {
  return (Number.parseInt(statusOf('CapEff')?.slice(-2) ?? '0', 16) & capKill) !== 0;
}

const capKill = 1 << 5;

export function findWalls(): readonly Wall[] {
  const variables = environment?.split('\0').filter(Boolean).length ?? 'unknown';
  const inherited = inheritedDescriptors()?.length ?? 'unknown';
  const capabilities = statusOf('CapEff');
  const isRoot = process.getuid?.() === 0;
  const interfaces = Object.keys(networkInterfaces());
  const limits = read('/proc/self/limits');
  const mayNotWrite = /^Max file size +0 +0 /m.test(limits ?? '');
  return [
    wall('environment', variables === 0, `The process has ${variables} variables of the environment.`),
    wall('descriptors', inherited === 0, `The process has ${inherited} descriptors of its parent beside its socket.`),
    wall(
      'privileges',
      !isRoot && capabilities === '0000000000000000',
      isRoot ? 'The process is root.' : `The process is user ${process.getuid?.()} with capabilities ${capabilities}.`,
    ),
    wall(
      'new privileges',
      statusOf('NoNewPrivs') === '1',
      `What it starts may ${statusOf('NoNewPrivs') === '1' ? 'not ' : ''}have more rights.`,
    ),
    wall('network', interfaces.length === 0, `The process sees ${interfaces.join(', ') || 'no network'}.`),
    wall(
      'files',
      mayNotWrite,
      mayNotWrite ? 'The process writes no files.' : 'The process may write files of its user.',
    ),
  ];
}

function wall(name: Wall['name'], up: boolean, detail: string): Wall {
  return { name, up, detail };
}

/** What the parent was given by whoever started it comes along, unless it was opened to be closed at a start of a program. */
function inheritedDescriptors(): readonly number[] | undefined {
  try {
    return readdirSync('/proc/self/fd')
      .map(Number)
      .filter((descriptor) => descriptor >= givenDescriptors && isInherited(descriptor));
  } catch {
    return undefined;
  }
}

const closedOnExec = 0o2000000;

function isInherited(descriptor: number): boolean {
  const flags = /^flags:\s*(\d+)/m.exec(read(`/proc/self/fdinfo/${descriptor}`) ?? '')?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & closedOnExec) === 0;
}

function statusOf(name: string): string | undefined {
  return new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(read('/proc/self/status') ?? '')?.[1];
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}
