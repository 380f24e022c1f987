/** The messages of one chunk that are parked: all of a device that is, and of one that becomes so from a message on. */
import type { ParkedPartition } from './parked-devices.ts';
import { type HeldMessage, keyOf, type ParkingReason } from './parked-records.ts';
import type { TakenMessage } from './taken-messages.ts';

export class ChunkParking {
  readonly held: HeldMessage[] = [];
  /** Why, by the key of the device. Decided once: devices that are let go meanwhile stay parked for this chunk. */
  readonly #reasons = new Map<string, ParkingReason>();

  constructor(parked: ParkedPartition, messages: readonly TakenMessage[]) {
    if (parked.size === 0) return;
    for (const message of messages) {
      const key = keyOf(message);
      if (parked.has(key)) this.#reasons.set(key, 'order');
    }
  }

  holds(message: TakenMessage): boolean {
    return this.#reasons.size > 0 && this.#reasons.has(keyOf(message));
  }

  /** The device is parked, from this message on. */
  hold(message: TakenMessage, reason: ParkingReason): void {
    this.#reasons.set(keyOf(message), reason);
  }

  /** A message of a device that is held. */
  add(message: TakenMessage): void {
    const key = keyOf(message);
    this.held.push({ key, reason: this.#reasons.get(key) ?? 'order', message });
  }

  get deviceKeys(): ReadonlySet<string> {
    return new Set(this.held.map(({ key }) => key));
  }
}
