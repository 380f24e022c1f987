/** The records of a topic without their repeats, as one hash and as parts that can be compared. */
import { createHash, hash, type Hash } from 'node:crypto';
import type { Comparison } from './proof.ts';

const examplesMax = 5;
const fingerprintBytes = 6;

export class DistinctRecords {
  readonly #fingerprints = new Map<string, number>();
  readonly #devices = new Map<string, Hash>();
  #repeated = 0;
  readonly #contradictions: string[] = [];

  /**
   * `device` is whose records have an order, the key; `identity` says which records mean the same, `bytes` is everything that must be equal then. True: it is the first of its
   * identity; a later one counts as a repeat, or as a contradiction when its bytes are others.
   */
  add(device: string, identity: string, bytes: Buffer): boolean {
    const fingerprint = fingerprintOf(bytes);
    const known = this.#fingerprints.get(identity);
    if (known !== undefined) {
      this.#repeated += 1;
      if (known !== fingerprint) this.#contradictions.push(identity);
      return false;
    }
    this.#fingerprints.set(identity, fingerprint);
    let deviceHash = this.#devices.get(device);
    if (!deviceHash) this.#devices.set(device, (deviceHash = createHash('sha256')));
    deviceHash.update(`${identity} ${bytes.length} `).update(bytes);
    return true;
  }

  get count(): number {
    return this.#fingerprints.size;
  }

  get repeated(): number {
    return this.#repeated;
  }

  /** Identities that came again with other bytes. */
  get contradictions(): readonly string[] {
    return this.#contradictions;
  }

  /** SHA-256 over the devices by name, each over its first records in their order, which counts. */
  get hash(): string {
    const all = createHash('sha256');
    for (const [device, one] of [...this.#devices].toSorted(([left], [right]) => (left < right ? -1 : 1)))
      all.update(`${device} ${one.copy().digest('hex')} `);
    return all.digest('hex');
  }

  comparedWith(replayed: DistinctRecords, topic: string): Comparison {
    const examples: string[] = [];
    let differing = 0;
    const add = (example: string): void => {
      differing += 1;
      if (examples.length < examplesMax) examples.push(example);
    };
    for (const [identity, fingerprint] of this.#fingerprints) {
      const other = replayed.#fingerprints.get(identity);
      if (other === undefined) add(`${identity} live only`);
      else if (other !== fingerprint) add(`${identity} with other bytes`);
    }
    for (const identity of replayed.#fingerprints.keys())
      if (!this.#fingerprints.has(identity)) add(`${identity} in the replay only`);
    const [liveHash, replayedHash] = [this.hash, replayed.hash];
    // The same records in another order are a difference as well.
    if (differing === 0 && liveHash !== replayedHash) add('the order of the records');
    const [live, again] = [this.count, replayed.count];
    return { topic, live, replayed: again, liveHash, replayedHash, differing, examples };
  }
}

/** Enough to find out which record differs; that one does is seen by the hash over all bytes. */
const fingerprintOf = (bytes: Buffer): number => hash('sha256', bytes, 'buffer').readUIntBE(0, fingerprintBytes);
