/** A Mosquitto of a test's own, on a free port, with settings that a shared broker cannot have. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';

const binary = process.env['MILLRACE_TEST_MOSQUITTO'] ?? 'mosquitto';

/** Why a test that needs the programs is skipped; undefined: they are here. */
export function missingProgram(...programs: readonly string[]): string | undefined {
  return [binary, ...programs].find((program) => {
    try {
      execFileSync('sh', ['-c', 'command -v "$0"', program], { stdio: 'ignore' });
      return false;
    } catch {
      return true;
    }
  });
}

export interface OwnBroker {
  readonly port: number;
  readonly folder: string;
  stop(): Promise<void>;
}

/** `settings(folder)` are lines of mosquitto.conf after the listener; files may be written into the folder. */
export async function startMosquitto(settings: (folder: string) => readonly string[]): Promise<OwnBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-mosquitto-'));
  const port = await freePort();
  const lines = [`listener ${port} 127.0.0.1`, ...settings(folder)];
  if (process.getuid?.() === 0) lines.push('user root');
  writeFileSync(join(folder, 'mosquitto.conf'), lines.join('\n'));
  const broker = spawn(binary, ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' });
  await vi.waitFor(() => reach(port), 5000);
  return {
    port,
    folder,
    async stop() {
      broker.kill();
      if (broker.exitCode === null && broker.signalCode === null) await once(broker, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function reach(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
