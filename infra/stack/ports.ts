/** Which ports of the loopback a stack uses: those it had before where they are free, others from a starting point upwards. */
import { createServer } from 'node:net';
import { UserError } from './user-error.ts';

export const loopback = '127.0.0.1';

/** Below the range from which systems give ports to outgoing connections (Linux: 32768). */
export const portMax = 32_000;
const testPortMin = 20_000;

/** Where `up` looks first. */
export const usualPortBase = 18_000;

export type Ports = Readonly<Record<string, number>>;
/** May claim the port as well: what is found free is used. */
export type IsFree = (port: number) => Promise<boolean>;

export interface PortChoice {
  readonly names: readonly string[];
  /** Ports of an earlier run, kept where they are free. */
  readonly remembered?: Ports;
  /** Look for free ones from here upwards. */
  readonly from: number;
}

export async function chooseFreePorts(choice: PortChoice, isFree: IsFree = isPortFree): Promise<Ports> {
  const chosen: Record<string, number> = {};
  const remembered = Object.values(choice.remembered ?? {});
  let next = choice.from;
  for (const name of choice.names) {
    const before = choice.remembered?.[name];
    if (before !== undefined && (await isFree(before))) {
      chosen[name] = before;
      continue;
    }
    next = await nextFree(next, remembered, isFree);
    chosen[name] = next;
    next += 1;
  }
  return chosen;
}

async function nextFree(from: number, reserved: readonly number[], isFree: IsFree): Promise<number> {
  for (let port = from; port <= portMax; port += 1) if (!reserved.includes(port) && (await isFree(port))) return port;
  throw new UserError(`There is no free port between ${from} and ${portMax}.`);
}

/** Exactly `base`, `base + 1`, … in the order of the names. */
export async function portsFromBase(
  names: readonly string[],
  base: number,
  isFree: IsFree = isPortFree,
): Promise<Ports> {
  const chosen: Record<string, number> = {};
  for (const [index, name] of names.entries()) {
    const port = base + index;
    if (!(await isFree(port)))
      throw new UserError(`Port ${port} (for ${name}) is in use; choose another --port-base or leave it out.`);
    chosen[name] = port;
  }
  return chosen;
}

/** A starting point that two stacks started at the same time hardly share. */
export function randomPortBase(random: () => number = Math.random): number {
  const blockSize = 40;
  const blocks = Math.floor((portMax - blockSize - testPortMin) / blockSize);
  return testPortMin + Math.floor(random() * blocks) * blockSize;
}

export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: loopback, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
