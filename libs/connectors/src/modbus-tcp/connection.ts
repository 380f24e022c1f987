/** One network connection to a machine: asks one thing at a time. */
import type { Socket } from 'node:net';
import { asMillraceError, MillraceError } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';
import { AnswerReader, dataOf, type Request, requestFrame } from './frames.ts';

interface Asked {
  readonly transaction: number;
  readonly request: Request;
  readonly answered: (data: Buffer) => void;
  readonly failed: (error: unknown) => void;
}

export interface MachineAddress {
  readonly unitId: number;
  readonly timeoutMs: number;
}

export class ModbusConnection {
  readonly #socket: Socket;
  readonly #machine: MachineAddress;
  readonly #clock: Clock;
  readonly #reader = new AnswerReader();
  readonly #ending = new AbortController();
  #transaction = 0;
  #asked: Asked | undefined;

  /** Over an open socket. */
  constructor(socket: Socket, machine: MachineAddress, clock: Clock) {
    this.#socket = socket;
    this.#machine = machine;
    this.#clock = clock;
    socket.on('data', (bytes: Buffer) => this.#hear(bytes));
    socket.on('error', (error) => this.end(unavailable(`It broke the connection: ${error.message}.`)));
    socket.on('close', () => this.end(unavailable('It closed the connection.')));
  }

  /** Aborted when it is over; the reason is the MillraceError that ended it. */
  get over(): AbortSignal {
    return this.#ending.signal;
  }

  /**
   * The data of the answer. Throws a `Refusal`, after which the connection goes on, or the reason for which it is over: an
   * answer that does not come ends it, since nobody could tell it from a later one at machines that do not count.
   */
  async read(request: Request): Promise<Buffer> {
    this.over.throwIfAborted();
    if (this.#asked) throw new Error('One request at a time.');
    this.#transaction = (this.#transaction + 1) & 0xffff;
    const transaction = this.#transaction;
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    this.#asked = { transaction, request, answered: resolve, failed: reject };
    const done = new AbortController();
    void this.#limit(done.signal);
    this.#socket.write(requestFrame(transaction, this.#machine.unitId, request));
    try {
      return await promise;
    } finally {
      this.#asked = undefined;
      done.abort();
    }
  }

  /** What is being asked fails with the reason. */
  end(reason: MillraceError): void {
    if (this.over.aborted) return;
    this.#ending.abort(reason);
    this.#socket.destroy();
    this.#asked?.failed(reason);
  }

  #hear(bytes: Buffer): void {
    try {
      for (const answer of this.#reader.push(bytes)) {
        const asked = this.#asked;
        // An answer to a request that nobody waits for any more.
        if (answer.transaction !== asked?.transaction) continue;
        try {
          asked.answered(dataOf(answer, asked.request, this.#machine.unitId));
        } catch (error) {
          if (asMillraceError(error).code !== 'machine_refused') throw error;
          asked.failed(error);
        }
        this.#asked = undefined;
      }
    } catch (error) {
      this.end(asMillraceError(error));
    }
  }

  async #limit(done: AbortSignal): Promise<void> {
    const { timeoutMs } = this.#machine;
    try {
      await this.#clock.sleep(timeoutMs, AbortSignal.any([done, this.over]));
    } catch {
      return;
    }
    this.end(unavailable(`It did not answer within ${timeoutMs} ms.`));
  }
}

function unavailable(what: string): MillraceError {
  return new MillraceError('machine_unavailable', `Check the machine and the way to it. ${what}`);
}
