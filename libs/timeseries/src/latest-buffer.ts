/** Latest values on their way to Redis: thousands of points a second become one write per signal. */
import { type DataRowList, deviceKey } from '@millrace/contracts';
import type { DeviceLatest } from './latest-values.ts';
import { rowNumber, rowTimeMicros } from './point-identity.ts';
import type { Point } from './point-query.ts';

type MutablePoint = { -readonly [K in keyof Point]: Point[K] };

export class LatestBuffer {
  readonly #signalsMax: number;
  #devices = new Map<string, Map<string, MutablePoint>>();
  #signals = 0;
  #dropped = false;

  /** `signalsMax`: signals of all devices together; about 200 bytes each. While Redis is away this is all that is kept. */
  constructor(signalsMax: number) {
    this.#signalsMax = signalsMax;
  }

  /** Signals whose value waits to be written. */
  get signals(): number {
    return this.#signals;
  }

  /** Keeps the newest of each signal. */
  offer(list: DataRowList): void {
    const signals = this.#signalsOf(deviceKey(list.tenant, list.deviceUid));
    for (const row of list.rows) {
      const timeMicros = rowTimeMicros(list, row);
      const seq = rowNumber(list, row);
      const known = signals.get(row.name);
      if (!known) {
        const { value, quality } = row;
        this.#add(signals, row.name, { timeMicros, seq, value, quality, receivedAtMicros: list.receivedAtMicros });
      } else if (timeMicros > known.timeMicros || (timeMicros === known.timeMicros && seq >= known.seq)) {
        known.timeMicros = timeMicros;
        known.seq = seq;
        known.value = row.value;
        known.quality = row.quality;
        known.receivedAtMicros = list.receivedAtMicros;
      }
    }
  }

  /** Hands over what waits and starts empty. */
  take(): readonly DeviceLatest[] {
    const taken = [...this.#devices].map(([key, points]) => ({ deviceKey: key, points }));
    this.#devices = new Map();
    this.#signals = 0;
    return taken;
  }

  /** Takes back what could not be written; what came meanwhile and is newer stays. */
  giveBack(devices: readonly DeviceLatest[]): void {
    for (const { deviceKey: key, points } of devices) {
      const signals = this.#signalsOf(key);
      for (const [signal, point] of points) {
        const known = signals.get(signal);
        if (!known) this.#add(signals, signal, { ...point });
        else if (isNewer(point, known)) signals.set(signal, { ...point });
      }
    }
  }

  /** Whether a value found no room since the last call: Redis will miss it until it is rebuilt. */
  takeDropped(): boolean {
    const dropped = this.#dropped;
    this.#dropped = false;
    return dropped;
  }

  #signalsOf(key: string): Map<string, MutablePoint> {
    const known = this.#devices.get(key);
    if (known) return known;
    const signals = new Map<string, MutablePoint>();
    if (this.#signals < this.#signalsMax) this.#devices.set(key, signals);
    return signals;
  }

  #add(signals: Map<string, MutablePoint>, signal: string, point: MutablePoint): void {
    if (this.#signals >= this.#signalsMax) {
      this.#dropped = true;
      return;
    }
    signals.set(signal, point);
    this.#signals += 1;
  }
}

function isNewer(a: Point, b: Point): boolean {
  return a.timeMicros > b.timeMicros || (a.timeMicros === b.timeMicros && a.seq > b.seq);
}
