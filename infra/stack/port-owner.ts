/**
 * Whether a process listens on a port itself. A program whose port is taken may live on (QuestDB does) while a stranger
 * answers the probe that was meant for it.
 */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** True on systems without /proc, where it cannot be told. */
export function ownsPorts(pid: number, ports: readonly number[]): boolean {
  if (process.platform !== 'linux' || ports.length === 0) return true;
  const sockets = socketsOf(pid);
  const listeners = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(listenersIn);
  return ports.every((port) => listeners.some((listener) => listener.port === port && sockets.has(listener.inode)));
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
function listenersIn(table: string): { port: number; inode: string }[] {
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
    .map((columns) => ({
      port: Number.parseInt(columns[1]?.split(':')[1] ?? '', 16),
      inode: `socket:[${columns[9]}]`,
    }));
}
