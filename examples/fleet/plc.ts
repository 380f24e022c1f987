/** The controller of a paper machine's press section, as a Modbus TCP server that is not ours (`jsmodbus`). */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { ModbusTCPServer } from 'jsmodbus';

const tableBytes = 64;
const updateMs = 200;

/** What it holds, as its manual would say; `examples/demo/config/connections.json` has the same map for the reader. */
export interface PressTables {
  /** 0: running. */
  readonly coils: Buffer;
  /** 0: sheet break. */
  readonly discrete: Buffer;
  /** 0: bearing temperature, int16, 0.1 °C. */
  readonly input: Buffer;
  /** 0-1: speed, float32 with the low word first, m/min. 2: nip load, int16, 0.1 kN/m. 4-5: sheets made, uint32. */
  readonly holding: Buffer;
}

export function emptyTables(): PressTables {
  const [coils, discrete, input, holding] = [0, 1, 2, 3].map(() => Buffer.alloc(tableBytes));
  return { coils: coils!, discrete: discrete!, input: input!, holding: holding! };
}

/** The press at `timeS` seconds since it was started; the sheet breaks for five seconds in every two minutes. */
export function press({ coils, discrete, input, holding }: PressTables, timeS: number): void {
  const isBroken = timeS % 120 > 115;
  const speed = isBroken ? 120 : 900 + 15 * Math.sin(timeS / 20);
  const bytes = Buffer.alloc(4);
  bytes.writeFloatBE(speed);
  bytes.copy(holding, 0, 2, 4);
  bytes.copy(holding, 2, 0, 2);
  holding.writeInt16BE(Math.round(10 * (isBroken ? 0 : 85 + 2 * Math.sin(timeS / 7))), 4);
  holding.writeUInt32BE(Math.floor(timeS * 2), 8);
  input.writeInt16BE(Math.round(10 * (58 + 3 * Math.sin(timeS / 45))), 0);
  coils[0] = 1;
  discrete[0] = isBroken ? 1 : 0;
}

/** Listens until the signal. */
export async function runPlc(port: number, signal: AbortSignal): Promise<void> {
  const tables = emptyTables();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  void new ModbusTCPServer(server, tables);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const startedMs = Date.now();
  const updating = setInterval(() => press(tables, (Date.now() - startedMs) / 1_000), updateMs);
  if (!signal.aborted) await once(signal, 'abort');
  clearInterval(updating);
  for (const socket of sockets) socket.destroy();
  server.close();
}
