/** The senders' own book: every message they sent, and which of them got a receipt. What the stores hold is compared with it. */

export interface LedgerEntry {
  readonly tenant: string;
  readonly deviceUid: string;
  /** Device time, unique per device: the identity of the message. */
  readonly timeMs: number;
  /** The value of the message's one signal; null: a message that its script refuses, whose place is the dead letters. */
  readonly value: number | null;
}

/** One stored row: identity and value. */
export interface StoredRow extends LedgerEntry {
  readonly copies: number;
}

export interface Reconciliation {
  readonly sent: number;
  readonly acknowledged: number;
  readonly stored: number;
  /** Acknowledged, but not stored. */
  readonly lost: readonly LedgerEntry[];
  /** Stored more than once. */
  readonly duplicate: readonly StoredRow[];
  /** Stored with another value than was sent. */
  readonly altered: readonly StoredRow[];
  /** Stored, but never sent. */
  readonly invented: readonly StoredRow[];
}

export type Identity = Pick<LedgerEntry, 'tenant' | 'deviceUid' | 'timeMs'>;

export class Ledger {
  readonly #indexes = new Map<string, number>();
  readonly #entries: LedgerEntry[] = [];
  readonly #acknowledged = new Set<number>();

  send(entries: readonly LedgerEntry[]): void {
    for (const entry of entries) {
      this.#indexes.set(identityOf(entry), this.#entries.length);
      this.#entries.push(entry);
    }
  }

  acknowledge(entries: readonly LedgerEntry[]): void {
    for (const entry of entries) {
      const index = this.indexOf(entry);
      if (index !== undefined) this.#acknowledged.add(index);
    }
  }

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  /** In the order of sending. */
  get entries(): readonly LedgerEntry[] {
    return this.#entries;
  }

  /** Entries of one device, in order of device time. */
  of(tenant: string, deviceUid: string): LedgerEntry[] {
    return this.#entries
      .filter((entry) => entry.tenant === tenant && entry.deviceUid === deviceUid)
      .toSorted((one, other) => one.timeMs - other.timeMs);
  }

  /** Place among the entries; undefined: nobody sent it. */
  indexOf(identity: Identity): number | undefined {
    return this.#indexes.get(identityOf(identity));
  }

  isAcknowledged(index: number): boolean {
    return this.#acknowledged.has(index);
  }

  reconcile(rows: readonly StoredRow[]): Reconciliation {
    const stored = new Set(rows.map((row) => this.indexOf(row)));
    const isLost = (index: number): boolean => !stored.has(index) && this.#entries[index]!.value !== null;
    return {
      sent: this.#entries.length,
      acknowledged: this.acknowledged,
      stored: rows.length,
      lost: [...this.#acknowledged].filter(isLost).map((index) => this.#entries[index]!),
      duplicate: rows.filter(({ copies }) => copies > 1),
      altered: rows.filter((row) => this.indexOf(row) !== undefined && this.#valueOf(row) !== row.value),
      invented: rows.filter((row) => this.indexOf(row) === undefined),
    };
  }

  #valueOf(row: StoredRow): number | null | undefined {
    return this.#entries[this.indexOf(row) ?? -1]?.value;
  }
}

const identityOf = ({ tenant, deviceUid, timeMs }: Identity): string => `${tenant}/${deviceUid}/${timeMs}`;
