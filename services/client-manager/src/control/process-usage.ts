/** What this process uses: memory, processor and network, between one look and the next. */
import diagnostics from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Clock } from '@millrace/kernel';
import type { Usage } from './ceilings.ts';

/** Every socket that this process opens is told there, of TLS too. */
const openedSockets = 'net.client.socket';

export class ProcessUsage {
  readonly #clock: Clock;
  readonly #open = new Set<Socket>();
  readonly #onSocket = (message: unknown): void => this.#watch((message as { readonly socket: Socket }).socket);
  /** Of sockets that are closed. */
  #closedBytes = 0;
  #before: { readonly atMs: number; readonly cpu: NodeJS.CpuUsage; readonly bytes: number };

  constructor(clock: Clock) {
    this.#clock = clock;
    diagnostics.subscribe(openedSockets, this.#onSocket);
    this.#before = this.#now();
  }

  /** Since the last call. */
  take(): Usage {
    const { atMs, cpu, bytes } = this.#before;
    this.#before = this.#now();
    const elapsedMs = Math.max(1, this.#before.atMs - atMs);
    const cpuMs = (this.#before.cpu.user - cpu.user + (this.#before.cpu.system - cpu.system)) / 1_000;
    return {
      memoryMb: process.memoryUsage.rss() / 1_048_576,
      cpuPercent: (cpuMs / elapsedMs) * 100,
      bandwidthKbps: (this.#before.bytes - bytes) / elapsedMs,
    };
  }

  close(): void {
    diagnostics.unsubscribe(openedSockets, this.#onSocket);
  }

  #watch(socket: Socket): void {
    this.#open.add(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#closedBytes += bytesOf(socket);
    });
  }

  #now(): { readonly atMs: number; readonly cpu: NodeJS.CpuUsage; readonly bytes: number } {
    const bytes = [...this.#open].reduce((sum, socket) => sum + bytesOf(socket), this.#closedBytes);
    return { atMs: this.#clock.monotonicMs(), cpu: process.cpuUsage(), bytes };
  }
}

const bytesOf = ({ bytesRead, bytesWritten }: Socket): number => bytesRead + bytesWritten;
