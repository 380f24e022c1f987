/** The senders' own book: every message they sent, and which of them got a receipt. What the stores hold is compared with it. */

export interface LedgerEntry {
  readonly tenant: string;
  readonly deviceUid: string;
  /** Device time, unique per device: the identity of the message. */
  readonly timeMs: number;
  /** The value of the message's one signal. */
  readonly value: number;
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

export class Ledger {
  readonly #sent = new Map<string, LedgerEntry>();
  readonly #acknowledged = new Set<string>();

  send(entries: readonly LedgerEntry[]): void {
    for (const entry of entries) this.#sent.set(identityOf(entry), entry);
  }

  acknowledge(entries: readonly LedgerEntry[]): void {
    for (const entry of entries) this.#acknowledged.add(identityOf(entry));
  }

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  /** Entries in order of device time, of one device. */
  of(tenant: string, deviceUid: string): LedgerEntry[] {
    return [...this.#sent.values()]
      .filter((entry) => entry.tenant === tenant && entry.deviceUid === deviceUid)
      .toSorted((one, other) => one.timeMs - other.timeMs);
  }

  reconcile(rows: readonly StoredRow[]): Reconciliation {
    const stored = new Map(rows.map((row) => [identityOf(row), row]));
    return {
      sent: this.#sent.size,
      acknowledged: this.#acknowledged.size,
      stored: rows.length,
      lost: [...this.#acknowledged].filter((identity) => !stored.has(identity)).map((one) => this.#sent.get(one)!),
      duplicate: rows.filter(({ copies }) => copies > 1),
      altered: rows.filter((row) => this.#valueOf(row) !== undefined && this.#valueOf(row) !== row.value),
      invented: rows.filter((row) => this.#valueOf(row) === undefined),
    };
  }

  #valueOf(row: StoredRow): number | undefined {
    return this.#sent.get(identityOf(row))?.value;
  }
}

const identityOf = ({ tenant, deviceUid, timeMs }: LedgerEntry): string => `${tenant}/${deviceUid}/${timeMs}`;
