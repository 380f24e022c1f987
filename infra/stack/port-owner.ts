/**
 * Whether a process listens on a port itself. A program whose port is taken may live on (QuestDB does) while a stranger
 * answers the probe that was meant for it.
 */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

export interface Listener {
  /** As the kernel writes it: hexadecimal, `0100007F` is 127.0.0.1. */
  readonly address: string;
  readonly port: number;
}

/** True on systems without /proc, where it cannot be told. */
export function ownsPorts(pid: number, ports: readonly number[]): boolean {
  if (process.platform !== 'linux' || ports.length === 0) return true;
  const own = listenersOf(pid).map(({ port }) => port);
  return ports.every((port) => own.includes(port));
}

/** All TCP sockets that the process listens on. */
export function listenersOf(pid: number): Listener[] {
  const sockets = socketsOf(pid);
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(listenersIn).filter(({ inode }) => sockets.has(inode));
}

function socketsOf(pid: number): Set<string> {
  const folder = `/proc/${pid}/fd`;
  try {
    return new Set(readdirSync(folder).map((descriptor) => linkOf(`${folder}/${descriptor}`)));
  } catch {
    return new Set();
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

const listenState = '0A';

/** Columns of proc_net_tcp(5): 1 local address (hex ip:port), 3 state, 9 inode. */
function listenersIn(table: string): (Listener & { readonly inode: string })[] {
  let text: string;
  try {
    text = readFileSync(table, 'utf8');
  } catch {
    return [];
  }
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === listenState)
    .map((columns) => {
      const [address = '', port = ''] = columns[1]?.split(':') ?? [];
      return { address, port: Number.parseInt(port, 16), inode: `socket:[${columns[9]}]` };
    });
}
