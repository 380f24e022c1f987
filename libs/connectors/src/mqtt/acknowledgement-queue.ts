/**
 * The receipts that one MQTT connection owes its broker, in the order in which the messages came (MQTT 5, section 4.6).
 * Messages that came together are one entry, so that nothing is kept per message but its packet id.
 */
export interface Owed {
  /** From `owePuback` and `owePubrec`, in order of receipt. */
  readonly receipts: readonly number[];
}

/** First byte of a PUBACK: its sender may forget the message (QoS 1). */
const puback = 0x40;
/** First byte of a PUBREC: we have the message and know its packet id until PUBREL (QoS 2). */
const pubrec = 0x50;

export const owePuback = (packetId: number): number => (puback << 16) | packetId;
export const owePubrec = (packetId: number): number => (pubrec << 16) | packetId;

/** The packet id of an owed PUBREC; undefined for a PUBACK. */
export function packetIdOfPubrec(receipt: number): number | undefined {
  return receipt >> 16 === pubrec ? receipt & 0xffff : undefined;
}

export class AcknowledgementQueue<T extends Owed> {
  /** In order of receipt; true: durable. A Map keeps the order of insertion and gives its head away cheaply. */
  readonly #entries = new Map<T, boolean>();

  get size(): number {
    return this.#entries.size;
  }

  /** Puts messages that were received together behind all earlier ones. */
  take(entry: T): void {
    if (this.#entries.has(entry)) throw new Error('The entry is in the queue already.');
    this.#entries.set(entry, false);
  }

  /** Its messages are durable now. Throws when it is not in the queue or was settled before. */
  settle(entry: T): void {
    if (this.#entries.get(entry) !== false) throw new Error('The entry is not waiting to be settled.');
    this.#entries.set(entry, true);
  }

  /** Takes out, in order, the entries before which nothing is waiting: their receipts may be written now. */
  release(): readonly T[] {
    const released: T[] = [];
    for (const [entry, durable] of this.#entries) {
      if (!durable) break;
      this.#entries.delete(entry);
      released.push(entry);
    }
    return released;
  }
}

/**
 * The receipts as bytes for one write: `type 0x02 packetIdHigh packetIdLow` each, which is a PUBACK or PUBREC of reason
 * Success in MQTT 3.1.1 and 5 alike. Empty when all of it was QoS 0.
 */
export function encodeReceipts(entries: readonly Owed[]): Buffer {
  let count = 0;
  for (const { receipts } of entries) count += receipts.length;
  const bytes = Buffer.allocUnsafe(count * 4);
  let offset = 0;
  for (const { receipts } of entries)
    for (const receipt of receipts) {
      bytes.writeUInt32BE(((receipt & 0xff_0000) << 8) | 0x02_0000 | (receipt & 0xffff), offset);
      offset += 4;
    }
  return bytes;
}
