/**
 * How another shell asks the process that supervises a stack for something: a socket in the data folder, which only its
 * owner may open. One request a connection, as one line of JSON; answers are lines too, the last says how it ended.
 */
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type InstanceCounts } from '../stack/service-fleet.ts';
import { type Stack } from '../stack/stack.ts';
import { UserError } from '../stack/user-error.ts';
import { type Report } from './step.ts';

export interface ControlRequest {
  readonly scale: InstanceCounts;
}

type ControlAnswer =
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly sentence: string; readonly exitCode: number };

export interface Control {
  close(): void;
}

export const controlFile = 'control.sock';

/** What the system allows for the path of a socket, without the byte that ends it. */
const pathBytesMax = 107;

/** Answers requests until it is closed. In a folder whose path is too long nothing is served, which `askControl` says. */
export async function serveControl(stack: Pick<Stack, 'dataDir' | 'scale'>): Promise<Control> {
  const path = join(stack.dataDir, controlFile);
  if (isTooLong(path)) return { close: () => {} };
  // The stack's lock is held, so what is there was left by a run that was killed.
  rmSync(path, { force: true });
  const server = createServer((socket) => void answer(socket, stack));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
  chmodSync(path, 0o600);
  return { close: () => void server.close() };
}

/** Resolves when the request was carried out; throws a UserError that says why not. */
export async function askControl(
  dataDir: string,
  request: ControlRequest,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const path = join(dataDir, controlFile);
  if (isTooLong(path))
    throw new UserError(`The path of ${dataDir} is too long for a socket; start the stack in a shorter --data-dir.`);
  if (!existsSync(path)) throw nothingThere(dataDir);
  const socket = connect({ path, signal });
  try {
    socket.write(`${JSON.stringify(request)}\n`);
    for await (const line of linesOf(socket)) {
      const told = JSON.parse(line) as ControlAnswer;
      if (told.kind === 'progress') report(told.text);
      else if (told.kind === 'failed') throw new UserError(told.sentence, { exitCode: told.exitCode });
      else return;
    }
    throw new UserError(`The process that supervises ${dataDir} ended before it was done.`);
  } catch (error) {
    throw isRefused(error) ? nothingThere(dataDir) : error;
  } finally {
    socket.destroy();
  }
}

/** A person who leaves early changes nothing: what was begun is brought to its end. */
async function answer(socket: Socket, stack: Pick<Stack, 'scale'>): Promise<void> {
  const tell = (told: ControlAnswer): void => void (socket.writable && socket.write(`${JSON.stringify(told)}\n`));
  socket.on('error', () => socket.destroy());
  try {
    for await (const line of linesOf(socket)) {
      const { scale } = JSON.parse(line) as ControlRequest;
      await stack.scale(scale, (text) => tell({ kind: 'progress', text }));
      tell({ kind: 'done' });
      break;
    }
  } catch (error) {
    const known = error instanceof UserError;
    if (!known) console.error(error);
    tell({ kind: 'failed', sentence: (error as Error).message, exitCode: known ? error.exitCode : 1 });
  }
  socket.end();
}

async function* linesOf(socket: Socket): AsyncGenerator<string> {
  let failure: unknown;
  socket.once('error', (error) => (failure = error));
  yield* createInterface({ input: socket });
  if (failure !== undefined) throw failure;
}

const isTooLong = (path: string): boolean => Buffer.byteLength(path) > pathBytesMax;

/** Nobody listens on the socket any more: its supervisor was killed. */
const isRefused = (error: unknown): boolean =>
  error instanceof Error && ['ECONNREFUSED', 'ENOENT'].includes(String(Reflect.get(error, 'code')));

const nothingThere = (dataDir: string): UserError =>
  new UserError(`No stack is up in ${dataDir}; start one with ./millrace up.`);
