/**
 * Where each message of the senders' ledger was seen on its way: raw topic, points or dead letters, QuestDB. What is missing
 * is missing behind the last place that has it.
 */
import type { Identity, Ledger, LedgerEntry, StoredRow } from '../integrity/ledger.ts';
import { type Check, Violations } from './proof.ts';

const places = ['raw', 'points', 'deadLetters', 'stored'] as const;
export type Place = (typeof places)[number];

export class Journey {
  readonly #ledger: Ledger;
  readonly #seen: Readonly<Record<Place, Uint8Array>>;
  readonly #latestMs = new Map<string, number>();
  readonly #duplicate = new Violations('duplicate', 'No message is stored twice.');
  readonly #altered = new Violations('altered', 'Every message is stored with the value that was sent.');
  readonly #invented = new Violations('invented', 'Nothing is stored that nobody sent.');
  readonly #outOfOrder = new Violations('out_of_order', 'The points of a device come in the order of its messages.');

  /** Nothing may be sent any more. */
  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    const none = (): Uint8Array => new Uint8Array(ledger.entries.length);
    this.#seen = { raw: none(), points: none(), deadLetters: none(), stored: none() };
  }

  /** Of the message in the raw topic or in its dead letters. */
  saw(place: 'raw' | 'deadLetters', identity: Identity): void {
    this.#mark(place, identity);
  }

  /** In the order of the topic, without repeats of a record. */
  sawPoint(point: LedgerEntry): void {
    const index = this.#mark('points', point);
    if (index === undefined) return;
    this.#compare(index, point.value, 'in the points');
    const device = `${point.tenant}/${point.deviceUid}`;
    const latestMs = this.#latestMs.get(device) ?? Number.NEGATIVE_INFINITY;
    // A message that its sender sent again is a new record with the same time.
    if (point.timeMs < latestMs && this.#timesSeen(index, 'points') === 1)
      this.#outOfOrder.add(`${textOf(point)} after ${new Date(latestMs).toISOString()}`);
    this.#latestMs.set(device, Math.max(latestMs, point.timeMs));
  }

  sawRow(row: StoredRow): void {
    const index = this.#mark('stored', row);
    if (index === undefined) return;
    this.#compare(index, row.value, 'in QuestDB');
    if (row.copies > 1 || this.#timesSeen(index, 'stored') > 1)
      this.#duplicate.add(`${textOf(row)}: ${row.copies} rows`);
  }

  /** How many messages of the ledger were seen there. */
  count(place: Place): number {
    return this.#seen[place].reduce((sum, times) => sum + Math.min(times, 1), 0);
  }

  checks(): Check[] {
    const lostBeforeStream = new Violations(
      'lost_before_stream',
      'Every message with a receipt is in the raw topic (messages of MQTT: every one that the broker took).',
    );
    const lostInParser = new Violations('lost_in_parser', 'Every raw message became points or a dead letter.');
    const deadLetterMissing = new Violations(
      'dead_letter_missing',
      'Every message that its script refused is a dead letter.',
    );
    const lostInHistorian = new Violations('lost_in_historian', 'Every point of the stream is in QuestDB.');
    for (const [index, entry] of this.#ledger.entries.entries()) {
      if (!this.#isIn('raw', index)) {
        if (this.#ledger.isAcknowledged(index)) lostBeforeStream.add(textOf(entry));
      } else if (entry.value === null) {
        if (!this.#isIn('deadLetters', index)) deadLetterMissing.add(textOf(entry));
      } else if (!this.#isIn('points', index)) lostInParser.add(textOf(entry));
      else if (!this.#isIn('stored', index)) lostInHistorian.add(textOf(entry));
    }
    const missing = [lostBeforeStream, lostInParser, deadLetterMissing, lostInHistorian];
    return [...missing, this.#duplicate, this.#altered, this.#invented, this.#outOfOrder].map(({ check }) => check);
  }

  #mark(place: Place, identity: Identity): number | undefined {
    const index = this.#ledger.indexOf(identity);
    if (index === undefined) this.#invented.add(`${textOf(identity)} in ${place}`);
    else this.#seen[place][index] = Math.min(255, this.#timesSeen(index, place) + 1);
    return index;
  }

  #compare(index: number, value: number | null, where: string): void {
    const entry = this.#ledger.entries[index]!;
    if (entry.value !== value) this.#altered.add(`${textOf(entry)} is ${value} ${where}, was ${entry.value}`);
  }

  #timesSeen(index: number, place: Place): number {
    return this.#seen[place][index] ?? 0;
  }

  #isIn(place: Place, index: number): boolean {
    return this.#timesSeen(index, place) > 0;
  }
}

const textOf = ({ tenant, deviceUid, timeMs }: Identity): string =>
  `${tenant}/${deviceUid} ${new Date(timeMs).toISOString()}`;
