/**
 * Reads the raw topic and the points beside the parser, and says which messages had an effect. Who was allowed to have one it works out
 * by itself: behind a fence of an epoch, no record of a lower epoch of that connection and partition.
 */
import { randomUUID } from 'node:crypto';
import { type DataRowList, type RawBatch, topics } from '@millrace/contracts';
import { type AvroCodec, BatchConsumer, connectRegistry, createKafka, type RecordBatch } from '@millrace/kafka';
import type { Stack } from '../stack/index.ts';

/** A message in the raw topic. */
export interface RawCopy {
  readonly deviceUid: string;
  readonly number: number;
  readonly connectionId: string;
  readonly epoch: number;
  /** Written when somebody else owned the connection already. */
  readonly isStale: boolean;
  /** UTC milliseconds of the record. */
  readonly atMs: number;
}

/** An owner of a connection, as its fence says. */
export interface Owner {
  readonly epoch: number;
  readonly instance: string;
}

export interface Findings {
  readonly published: number;
  /** Published and confirmed by the broker, without effect. */
  readonly lost: readonly string[];
  /** Stale, and had an effect all the same. */
  readonly overlapping: readonly string[];
  /** Stale, and had none. */
  readonly staleRefused: number;
  /** Effects beyond the first of a message: it came again because its receipt was lost. */
  readonly duplicates: number;
  /** Written by an owner, without effect yet. */
  readonly pending: number;
}

export class StreamWitness {
  readonly #consumer: BatchConsumer;
  readonly #copies = new Map<string, RawCopy>();
  /** By connection, in the order of reading: each has one device, so in the order of its partition. */
  readonly #ofConnections = new Map<string, RawCopy[]>();
  /** How often a place in the raw topic became points. */
  readonly #effects = new Map<string, number>();
  /** The highest epoch that has a fence, by partition and connection. */
  readonly #fences = new Map<string, number>();
  readonly #owners = new Map<string, Owner[]>();
  /** By topic and partition: where the next record is. */
  readonly #next = new Map<string, number>();

  private constructor(stack: Pick<Stack, 'address'>, codecs: Codecs) {
    const kafka = createKafka({ brokers: [stack.address('kafka')], clientId: 'failover' });
    this.#consumer = new BatchConsumer(kafka, {
      groupId: `failover.${randomUUID()}`,
      topics: [topics.raw.name, topics.points.name],
      handle: (batch) => this.#read(batch, codecs),
      onCrash: (error) => {
        throw error;
      },
    });
  }

  static async start(stack: Pick<Stack, 'address'>, signal: AbortSignal): Promise<StreamWitness> {
    const registry = connectRegistry({ url: stack.address('registry') });
    const raw = await registry.codec<RawBatch>(topics.raw, signal);
    const points = await registry.codec<DataRowList>(topics.points, signal);
    const prepare = async (batch: RecordBatch): Promise<void> => registry.prepare(batch.records);
    const witness = new StreamWitness(stack, { raw, points, prepare });
    await witness.#consumer.start(signal);
    return witness;
  }

  stop(): Promise<void> {
    return this.#consumer.stop();
  }

  /** Owners of a connection so far, the first one first. */
  owners(connectionId: string): readonly Owner[] {
    return this.#owners.get(connectionId) ?? [];
  }

  /** -1: it had none. */
  newestEpoch(connectionId: string): number {
    return this.owners(connectionId).at(-1)?.epoch ?? -1;
  }

  /** The messages of a connection in the order of the raw topic. */
  copiesOf(connectionId: string): readonly RawCopy[] {
    return this.#ofConnections.get(connectionId) ?? [];
  }

  /** When the first message under a later epoch was written, UTC milliseconds; undefined: there is none. */
  firstAfter(connectionId: string, epoch: number): number | undefined {
    return this.copiesOf(connectionId).find((copy) => copy.epoch > epoch)?.atMs;
  }

  findings(published: ReadonlyMap<string, ReadonlySet<number>>): Findings {
    const effects = new Map<string, number>();
    const overlapping: string[] = [];
    let staleRefused = 0;
    let pending = 0;
    for (const [place, copy] of this.#copies) {
      const had = this.#effects.get(place) ?? 0;
      const message = nameOf(copy);
      if (had > 0) effects.set(message, (effects.get(message) ?? 0) + had);
      if (copy.isStale && had > 0) overlapping.push(`${message} of epoch ${copy.epoch} at ${place}`);
      if (copy.isStale && had === 0) staleRefused += 1;
      if (!copy.isStale && had === 0) pending += 1;
    }
    const messages = [...published].flatMap(([deviceUid, numbers]) =>
      [...numbers].map((number) => nameOf({ deviceUid, number })),
    );
    return {
      published: messages.length,
      lost: messages.filter((message) => !effects.has(message)),
      overlapping,
      staleRefused,
      duplicates: [...effects.values()].reduce((sum, times) => sum + times - 1, 0),
      pending,
    };
  }

  async #read(batch: RecordBatch, { raw, points, prepare }: Codecs): Promise<void> {
    await prepare(batch);
    const { topic, partition, records } = batch;
    for (const { offset, value, timestamp } of records) {
      if (value === null || !this.#isNew(`${topic}:${partition}`, Number(offset))) continue;
      if (topic === topics.raw.name) this.#see(partition, Number(offset), raw.decode(value), Number(timestamp));
      else this.#effect(points.decode(value));
    }
    batch.settle(records.length);
  }

  #isNew(place: string, offset: number): boolean {
    if (offset < (this.#next.get(place) ?? 0)) return false;
    this.#next.set(place, offset + 1);
    return true;
  }

  #see(partition: number, offset: number, { connectionId, epoch, ingestor, messages }: RawBatch, atMs: number): void {
    if (connectionId === null) return;
    const place = `${partition}:${connectionId}`;
    const fenced = this.#fences.get(place) ?? -1;
    if (messages.length === 0) {
      this.#fences.set(place, Math.max(fenced, epoch));
      this.#own(connectionId, { epoch, instance: ingestor });
    }
    for (const [index, { deviceUid, payload }] of messages.entries()) {
      const { number } = JSON.parse(payload.toString()) as { readonly number: number };
      const copy = { deviceUid, number, connectionId, epoch, isStale: epoch < fenced, atMs };
      this.#copies.set(`${partition}:${offset}:${index}`, copy);
      const known = this.#ofConnections.get(connectionId);
      if (known) known.push(copy);
      else this.#ofConnections.set(connectionId, [copy]);
    }
  }

  #own(connectionId: string, owner: Owner): void {
    const owners = this.#owners.get(connectionId) ?? [];
    if (owners.some(({ epoch }) => epoch === owner.epoch)) return;
    this.#owners.set(
      connectionId,
      [...owners, owner].toSorted((one, other) => one.epoch - other.epoch),
    );
  }

  #effect({ rawPartition, rawOffset, rawIndex }: DataRowList): void {
    const place = `${rawPartition}:${rawOffset}:${rawIndex}`;
    this.#effects.set(place, (this.#effects.get(place) ?? 0) + 1);
  }
}

interface Codecs {
  readonly raw: AvroCodec<RawBatch>;
  readonly points: AvroCodec<DataRowList>;
  readonly prepare: (batch: RecordBatch) => Promise<void>;
}

const nameOf = ({ deviceUid, number }: Pick<RawCopy, 'deviceUid' | 'number'>): string => `${deviceUid} ${number}`;
