/**
 * Instances that own one connection after each other, the claims and the raw topic they write into, and a parser: every step of
 * them is one of the test's. Whoever holds the lease is said here; that there is at most one is what leases are for.
 */
import type { RawBatch } from '@millrace/contracts';
import type { OutgoingRecord } from '@millrace/kafka';
import { type Claim, claimOf, joined, saysAll } from '../ownership/claim.ts';
import { type Standing, StaleRecords } from '../ownership/stale-records.ts';
import { MemoryClaims, MemoryTopic, settled } from './claim-topic.ts';
import { key, Lease, OwnerInstance, partitions, type RawRequest } from './owner-instance.ts';
import { received } from './received.ts';

/** In place of an instance's number: the one to which the lease was given last. */
export const holder = -1;
const never = new AbortController().signal;

interface RawRecord {
  readonly epoch: number;
  /** Undefined: a fence. */
  readonly id: string | undefined;
  readonly raw: RawBatch;
}

/** What one run of a parser said of the records it read. */
export interface ParserLife {
  readonly from: readonly number[];
  /** Epochs whose claims were confirmed when it began. */
  readonly confirmed: ReadonlySet<number>;
  readonly stale: StaleRecords;
  readonly claims: MemoryClaims;
  readonly positions: number[];
  readonly said: { readonly partition: number; readonly offset: number; readonly standing: Standing }[];
}

export class OwnershipWorld {
  readonly topic = new MemoryTopic();
  readonly raw: RawRecord[][] = Array.from({ length: partitions }, () => []);
  readonly acknowledged = new Set<string>();
  readonly lives: ParserLife[] = [];
  readonly #instances: OwnerInstance[] = [];
  /** Requests of crashed instances that are on their way. */
  readonly #ghosts: (() => void)[] = [];
  readonly #committed = Array<number>(partitions).fill(0);
  #holder: Lease | undefined;
  #holderIndex = 0;
  #known: Claim | undefined;
  #messages = 0;
  #recordsSeen = 0;

  async begin(instances: number): Promise<void> {
    for (let index = 0; index < instances; index += 1) await this.#start(index);
    await this.restartParser();
  }

  /** A new owner, as soon as the last one's lease is over. */
  grant(index: number): void {
    if (this.#holder?.valid) return;
    const instance = this.#at(index);
    this.#holderIndex = index;
    const lease = (this.#holder = new Lease());
    if (instance.lease) instance.former.push(instance.lease);
    instance.lease = lease;
    instance.own(lease, `instance-${index}`).catch(() => undefined);
  }

  expire(): void {
    if (this.#holder) this.#holder.valid = false;
  }

  /** The instance finds out which of its leases are over. */
  notice(index: number): void {
    const { lease, former } = this.#at(index);
    for (const one of [...former, ...(lease ? [lease] : [])]) if (!one.valid) one.ending.abort(new Error('over'));
  }

  /** A clean end. */
  release(index: number): void {
    const { lease, log } = this.#at(index);
    if (!lease?.valid || lease.epoch === undefined) return;
    lease.valid = false;
    lease.ending.abort(new Error('released'));
    log.release(key, lease.epoch, never).catch(() => undefined);
  }

  /** What is in flight may still arrive; nobody hears the answer. */
  async crash(one: number): Promise<void> {
    const index = one === holder ? this.#holderIndex : one;
    const { claims, raw } = this.#at(index);
    if (claims.requests.length > 0) this.#ghosts.push(() => void claims.land());
    const [request] = raw;
    if (request) this.#ghosts.push(() => void this.#append(request));
    await this.#start(index);
  }

  ghost(): void {
    this.#ghosts.shift()?.();
  }

  message(index: number, partition: number): void {
    const sink = this.#at(index).lease?.sink;
    const id = `${partition}/${this.#messages++}`;
    sink?.accept([received({ deviceUid: id })]).then(
      () => this.acknowledged.add(id),
      () => undefined,
    );
  }

  /** The oldest request of the instance lands; its answer comes later. */
  land(index: number, what: 'claims' | 'raw'): void {
    const { claims, raw, answers } = this.#at(index);
    if (what === 'claims' && claims.requests.length > 0) answers.push(claims.land());
    const request = what === 'raw' ? raw.shift() : undefined;
    if (request) answers.push(this.#append(request));
  }

  /** What is on its way lands and is answered, and the claims are read. */
  async ordinaryCourse(index: number): Promise<void> {
    this.land(index, 'claims');
    this.land(index, 'raw');
    while (this.#at(index).answers.length > 0) this.answer(index);
    this.readClaims(index);
    await this.settle();
  }

  answer(index: number): void {
    this.#at(index).answers.shift()?.();
  }

  readClaims(index: number, recordsMax?: number): void {
    this.#at(index).claims.deliver(recordsMax);
  }

  compact(): void {
    this.topic.compact();
  }

  /** Whether the last record says all that was ever written: as soon as an instance has repaired it, if it did not. */
  get lastRecordSaysAll(): boolean {
    this.#learn();
    const last = this.topic.records.at(-1);
    return !last?.record || !this.#known || saysAll(claimOf(last.record, last.offset), this.#known);
  }

  async restartParser(): Promise<void> {
    await this.#startParser(this.#committed);
  }

  parserReadsClaims(): void {
    this.lives.at(-1)!.claims.deliver(1);
  }

  /** The parser takes the next record of the partition, and commits sooner or later. */
  parse(partition: number, commits: boolean): void {
    const life = this.lives.at(-1)!;
    const offset = life.positions[partition]!;
    const record = this.raw[partition]![offset];
    if (!record) return;
    life.positions[partition] = offset + 1;
    const standing = life.stale.standingOf(partition, offset, record.raw);
    life.said.push({ partition, offset, standing });
    if (commits) this.#committed[partition] = offset + 1;
  }

  /** From the first record to the last, by a new parser. */
  async replay(): Promise<ParserLife> {
    await this.#startParser(Array<number>(partitions).fill(0));
    for (const [partition, records] of this.raw.entries()) for (const _ of records) this.parse(partition, false);
    return this.lives.at(-1)!;
  }

  async settle(): Promise<void> {
    await settled();
    this.#learn();
  }

  #at(index: number): OwnerInstance {
    return this.#instances[index === holder ? this.#holderIndex : index]!;
  }

  async #start(index: number): Promise<void> {
    const instance = new OwnerInstance(this.topic);
    this.#instances[index] = instance;
    await instance.log.start(never);
  }

  async #startParser(from: readonly number[]): Promise<void> {
    this.#learn();
    const stale = new StaleRecords();
    const claims = new MemoryClaims(this.topic);
    await claims.follow((...record) => stale.learn(...record));
    const confirmed = new Set(this.#known?.fences.map(({ epoch }) => epoch));
    this.lives.push({ from: [...from], confirmed, stale, claims, positions: [...from], said: [] });
  }

  #append({ records, answer }: RawRequest): () => void {
    const offsets = new Map<OutgoingRecord, bigint>();
    for (const record of records) {
      const raw = JSON.parse(record.value!.toString()) as RawBatch;
      const to = this.raw[record.partition]!;
      offsets.set(record, BigInt(to.push({ epoch: raw.epoch, id: raw.messages[0]?.deviceUid, raw }) - 1));
    }
    return () => answer.resolve({ offsetOf: (record) => offsets.get(record) });
  }

  /** All that was ever written into the topic of claims. */
  #learn(): void {
    for (const { record, offset } of this.topic.records) {
      if (offset < this.#recordsSeen || !record) continue;
      this.#recordsSeen = offset + 1;
      const claim = claimOf(record, offset);
      this.#known = this.#known ? joined(this.#known, claim) : claim;
    }
  }
}
