/**
 * Readers of one tenant who want the same: each event is written once for all of them. Events of a moment travel as one
 * piece, so that a busy tenant costs a reader some writes a second and not one for each message.
 */
import { type AlarmEvent, type DataRowList, isoTimeOf } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';
import { alarmEventOf, type Holding, type LiveEvent, pointsEventOf } from './event-forms.ts';
import type { LiveFilter } from './live-filter.ts';
import { type LiveReader, sumOf } from './live-reader.ts';

/** Nobody sees a tenth of a second. */
const gatheringMsMax = 100;
/** Then a piece is given before its time; half of what may wait for a reader. */
const gatheredCharsMax = 64 * 1_024;

export class LiveChannel {
  readonly #filter: LiveFilter;
  readonly #clock: Clock;
  readonly #onMissed: (missed: Holding) => void;
  readonly #readers = new Set<LiveReader>();
  #texts: string[] = [];
  #chars = 0;
  #holding: Holding | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `onMissed`: a reader will not get so much. */
  constructor(filter: LiveFilter, clock: Clock, onMissed: (missed: Holding) => void) {
    this.#filter = filter;
    this.#clock = clock;
    this.#onMissed = onMissed;
  }

  add(reader: LiveReader): void {
    // What was gathered before it came is not for it.
    this.#give();
    this.#readers.add(reader);
  }

  /** False: it was the last one. */
  remove(reader: LiveReader): boolean {
    this.#readers.delete(reader);
    if (this.#readers.size === 0) this.#give();
    return this.#readers.size > 0;
  }

  /** True: a full piece was given, so let readers take it before you offer more. */
  offerPoints(list: DataRowList): boolean {
    return this.#filter.kinds.has('points') && this.#gather(pointsEventOf(list, this.#filter));
  }

  /** The same of an alarm. */
  offerAlarm(event: AlarmEvent): boolean {
    return this.#filter.kinds.has('alarms') && this.#gather(alarmEventOf(event, this.#filter));
  }

  #gather(event: LiveEvent | undefined): boolean {
    if (!event) return false;
    this.#texts.push(event.text);
    this.#chars += event.text.length;
    this.#holding = this.#holding ? sumOf(this.#holding, event) : event;
    const isFull = this.#chars >= gatheredCharsMax;
    if (isFull) this.#give();
    else this.#timer ??= setTimeout(() => this.#give(), gatheringMsMax);
    return isFull;
  }

  /** The last event has the id of the piece: the time until which the reader was told everything. */
  #give(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const last = this.#texts.pop();
    if (last === undefined || !this.#holding) return;
    const { points, alarms, fromMicros, toMicros } = this.#holding;
    const id = isoTimeOf(this.#clock.nowMs() * 1_000);
    const bytes = Buffer.from(`${this.#texts.join('')}id: ${id}\n${last}`);
    const piece = { bytes, points, alarms, fromMicros, toMicros };
    this.#texts = [];
    this.#chars = 0;
    this.#holding = undefined;
    for (const reader of this.#readers) if (!reader.push(piece)) this.#onMissed(piece);
  }
}
