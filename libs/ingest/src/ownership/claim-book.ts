/** The claims of all connections as one instance knows them: what it read of the topic, and what it wrote itself. */
import { type ConnectionClaim, MillraceError } from '@millrace/contracts';
import { type Claim, claimOf, joined, saysAll } from './claim.ts';

interface Entry {
  readonly claim: Claim;
  /** The last record of the key that was read; -1: none. */
  readonly readOffset: number;
  /** The last one that this instance wrote; what lies before it is not the last record of the key. */
  readonly writtenOffset: number;
}

export class ClaimBook {
  readonly #entries = new Map<string, Entry>();
  /** Keys whose last record does not say all that is known. */
  readonly #incomplete = new Set<string>();
  /** Who wants to know that a connection has a newer owner, by key and epoch. */
  readonly #owners = new Map<string, Map<number, AbortController>>();

  /** Connections that were claimed and not deleted since. */
  keys(): Iterable<string> {
    return this.#entries.keys();
  }

  latest(key: string): Claim | undefined {
    return this.#entries.get(key)?.claim;
  }

  /** A record as it stands in the topic; null: the connection was deleted. */
  read(key: string, record: ConnectionClaim | null, offset: number): void {
    this.#incomplete.delete(key);
    const before = this.#entries.get(key);
    if (record === null) {
      // What was written behind it is of a connection that was made again.
      if (!before || before.writtenOffset < offset) this.#entries.delete(key);
      return;
    }
    const claim = claimOf(record, offset);
    // Offsets go back only when the topic was made anew: then nothing of before holds.
    const known = before && before.readOffset <= offset ? before : undefined;
    const entry = this.#put(key, known, claim, { readOffset: offset });
    if (offset >= entry.writtenOffset && !saysAll(claim, entry.claim)) this.#incomplete.add(key);
  }

  /** What this instance wrote is known to it before it is read. */
  wrote(key: string, record: ConnectionClaim, offset: number): void {
    this.#put(key, this.#entries.get(key), claimOf(record, offset), { writtenOffset: offset });
  }

  /** What has to be written so that the last record of each key says all; asked once for each. */
  takeIncomplete(): readonly (readonly [key: string, claim: Claim])[] {
    const taken = [...this.#incomplete].flatMap((key) => {
      const claim = this.latest(key);
      return claim ? [[key, claim] as const] : [];
    });
    this.#incomplete.clear();
    return taken;
  }

  /** Aborted with `lease_lost` as soon as a claim of a higher epoch is known. */
  supersededSignal(key: string, epoch: number): AbortSignal {
    const owners = this.#owners.get(key) ?? new Map<number, AbortController>();
    const owner = owners.get(epoch) ?? new AbortController();
    this.#owners.set(key, owners.set(epoch, owner));
    this.#supersede(key);
    return owner.signal;
  }

  /** Nobody wants to know any more. */
  forgetOwner(key: string, epoch: number): void {
    const owners = this.#owners.get(key);
    owners?.delete(epoch);
    if (owners?.size === 0) this.#owners.delete(key);
  }

  #put(key: string, before: Entry | undefined, claim: Claim, place: Partial<Entry>): Entry {
    const { readOffset = -1, writtenOffset = -1 } = before ?? {};
    const known = before ? joined(before.claim, claim) : claim;
    const entry = { readOffset, writtenOffset, ...place, claim: known };
    this.#entries.set(key, entry);
    this.#supersede(key);
    return entry;
  }

  #supersede(key: string): void {
    const newest = this.latest(key)?.epoch ?? -1;
    for (const [epoch, owner] of this.#owners.get(key) ?? []) {
      if (epoch >= newest) continue;
      this.forgetOwner(key, epoch);
      owner.abort(new MillraceError('lease_lost', 'Another owner has claimed the connection: it sends again there.'));
    }
  }
}
