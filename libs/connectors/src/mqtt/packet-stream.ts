/** MQTT packets over a byte stream, in both directions, and the signs of life that keep the stream open. */
import type { Duplex } from 'node:stream';
import { MillraceError } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';
import { generate, type Packet, parser as createParser } from 'mqtt-packet';
import { KeepAlive } from './keep-alive.ts';

export interface PacketListener {
  packet(packet: Packet): void;
  /** All complete packets of one read of the socket have been handed over. */
  readEnded(): void;
  /** Once, at the end; undefined: ended by us. */
  closed(reason: MillraceError | undefined): void;
}

export class PacketStream {
  readonly #socket: Duplex;
  readonly #protocolVersion: 4 | 5;
  readonly #clock: Clock;
  readonly #listener: PacketListener;
  readonly #over = new AbortController();
  /** Off until the broker has accepted us and said how long it waits. */
  #keepAlive = new KeepAlive(0, 0);
  #deaf = false;

  /** Takes over a stream that is open. The signal ends it at once. */
  constructor(socket: Duplex, protocolVersion: 4 | 5, clock: Clock, listener: PacketListener, signal: AbortSignal) {
    this.#socket = socket;
    this.#protocolVersion = protocolVersion;
    this.#clock = clock;
    this.#listener = listener;
    const parser = createParser({ protocolVersion });
    parser.on('packet', (packet) => this.#over.signal.aborted || listener.packet(packet));
    parser.on('error', ({ message }: Error) => this.#fail(`The broker sent what is not MQTT: ${message}.`));
    socket.on('data', (chunk: Buffer) => {
      if (this.#deaf) return;
      this.#keepAlive.heard(clock.monotonicMs());
      parser.parse(chunk);
      listener.readEnded();
    });
    socket.on('error', ({ message }) => this.#fail(`The connection to the broker failed: ${message}.`));
    socket.on('close', () => this.#fail('The broker closed the connection.'));
    this.endOn(signal);
  }

  /** Aborted when it is over. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  send(packet: Packet): void {
    this.write(generate(packet, { protocolVersion: this.#protocolVersion }));
  }

  /** Bytes of whole packets. */
  write(bytes: Buffer): void {
    this.#keepAlive.wrote(this.#clock.monotonicMs());
    this.#socket.write(bytes);
  }

  pause(): void {
    this.#keepAlive.pause();
    this.#socket.pause();
  }

  resume(): void {
    this.#keepAlive.resume(this.#clock.monotonicMs());
    this.#socket.resume();
  }

  /** From now on sends PINGREQ when it has been quiet, and ends when the broker has. */
  stayAlive(keepaliveSeconds: number): void {
    if (keepaliveSeconds === 0) return;
    this.#keepAlive = new KeepAlive(keepaliveSeconds * 1000, this.#clock.monotonicMs());
    if (this.#socket.isPaused()) this.#keepAlive.pause();
    void this.#stayAlive(this.#keepAlive);
  }

  /** PINGRESP came. */
  answered(): void {
    this.#keepAlive.answered();
  }

  /**
   * Sends a last packet and waits for the broker to close. What it sends until then is read and thrown away: closing
   * with unread bytes would reset the connection, and with it what we wrote last.
   */
  finish(last: Packet): void {
    this.#deaf = true;
    this.send(last);
    this.#socket.end();
    this.#socket.resume();
  }

  /** Ends it at once. */
  end(reason: MillraceError | undefined): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#socket.destroy();
    this.#listener.closed(reason);
  }

  /** As if we had left, when the signal aborts. */
  endOn(signal: AbortSignal): void {
    signal.addEventListener('abort', () => this.end(undefined), { signal: this.#over.signal });
    if (signal.aborted) this.end(undefined);
  }

  #fail(detail: string): void {
    this.end(this.#deaf ? undefined : new MillraceError('broker_unavailable', detail));
  }

  async #stayAlive(keepAlive: KeepAlive): Promise<void> {
    try {
      for (;;) {
        await this.#clock.sleep(keepAlive.checkEveryMs, this.#over.signal);
        const due = keepAlive.due(this.#clock.monotonicMs());
        if (due === 'gone') this.#fail('The broker did not answer within the keep-alive time.');
        else if (due === 'ping') this.send({ cmd: 'pingreq' });
      }
    } catch {
      // The stream is over.
    }
  }
}
