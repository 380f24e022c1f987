/**
 * One reader of a live stream with what waits for it. It waits only so much: what does not fit any more is counted instead,
 * and the reader is told when it has taken what waits.
 */
import { isoTimeOf } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';
import { endedText, type Holding, missedText } from './event-forms.ts';

/** Some hundred events beside what the sockets hold; times the readers, it is what slow ones may cost. */
export const waitingBytesMax = 128 * 1_024;
/** Who takes nothing for so long is gone, whatever the connection says. */
const stalledMsMax = 60_000;

/** Events as one piece of bytes; shared by all readers that get it. */
export interface LivePiece extends Holding {
  readonly bytes: Uint8Array;
}

const heartbeat = Buffer.from(': heartbeat\n\n');

export class LiveReader {
  readonly #clock: Clock;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #missed: Holding | undefined;
  #ended = false;
  #wake = Promise.withResolvers<void>();
  /** When the piece was given that is not taken yet. */
  #givenAtMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** False: it did not fit and is counted as missed. */
  push(piece: LivePiece): boolean {
    const fits = this.#waitingBytes === 0 || this.#waitingBytes + piece.bytes.byteLength <= waitingBytesMax;
    if (fits && !this.#missed) this.#add(piece.bytes);
    else this.#missed = this.#missed ? sumOf(this.#missed, piece) : piece;
    return !this.#missed;
  }

  /** Text outside of what is counted: greetings. */
  tell(text: string): void {
    this.#add(Buffer.from(text));
  }

  /** Shows a silent connection alive. */
  beat(): void {
    if (this.#waitingBytes === 0 && !this.#missed && this.#givenAtMs === undefined) this.#add(heartbeat);
  }

  /** The last event; what waits is given before it. */
  end(problem: object): void {
    this.tell(endedText(problem));
    this.#ended = true;
  }

  get isStalled(): boolean {
    return this.#givenAtMs !== undefined && this.#clock.monotonicMs() - this.#givenAtMs > stalledMsMax;
  }

  /** What the reader gets, a piece after the other as it takes them. */
  async *pieces(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = this.#next();
      if (piece) {
        this.#givenAtMs = this.#clock.monotonicMs();
        yield piece;
        this.#givenAtMs = undefined;
      } else if (this.#ended) return;
      else {
        await this.#wake.promise;
        this.#wake = Promise.withResolvers();
      }
    }
  }

  #add(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.byteLength;
    this.#wake.resolve();
  }

  #next(): Uint8Array | undefined {
    const piece = this.#waiting.shift();
    this.#waitingBytes -= piece?.byteLength ?? 0;
    if (piece || !this.#missed) return piece;
    const { points, alarms, fromMicros, toMicros } = this.#missed;
    this.#missed = undefined;
    const span = { from: isoTimeOf(fromMicros), to: isoTimeOf(toMicros) };
    return Buffer.from(missedText({ reason: 'slow', points, alarms, ...span }));
  }
}

export function sumOf(a: Holding, b: Holding): Holding {
  return {
    points: a.points + b.points,
    alarms: a.alarms + b.alarms,
    fromMicros: Math.min(a.fromMicros, b.fromMicros),
    toMicros: Math.max(a.toMicros, b.toMicros),
  };
}
