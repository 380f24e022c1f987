/** What Kafka says of the parked messages, for `ParkedDevices`. */
import { type GroupProgress, type Kafka, type Offsets, readToEnd } from '@millrace/kafka';
import { OncePerSignal, orAborted } from '@millrace/kernel';
import type { ParkedProgress } from './parked-devices.ts';

interface Place {
  readonly committed: Offsets;
  readonly ends: Offsets;
}

export class KafkaParkedProgress implements ParkedProgress {
  readonly #kafka: Kafka;
  readonly #topic: string;
  readonly #group: GroupProgress;
  /** Of each assignment: its partitions ask at the same time, and nobody else parks in them while it lasts. */
  readonly #places = new OncePerSignal(() => this.#ask());

  constructor(kafka: Kafka, topic: string, group: GroupProgress) {
    this.#kafka = kafka;
    this.#topic = topic;
    this.#group = group;
  }

  async unfinished(partition: number, signal: AbortSignal): Promise<ReadonlyMap<string, bigint>> {
    const { committed, ends } = await orAborted(this.#places.of(signal), signal);
    const [from, end] = [committed.get(partition) ?? 0n, ends.get(partition) ?? 0n];
    const found = new Map<string, bigint>();
    if (from === end) return found;
    // A topic that was made anew may end before what was committed: then the group begins again, and so does this.
    const part = { partition, from: from < end ? from : 0n };
    const onRecords: Parameters<typeof readToEnd>[2] = (_topic, _partition, records) => {
      for (const { key, offset } of records) if (key) found.set(key.toString(), BigInt(offset));
      return Promise.resolve();
    };
    await readToEnd(this.#kafka, this.#topic, onRecords, signal, part);
    return found;
  }

  finishedBefore(): Promise<Offsets> {
    return this.#group.committed();
  }

  /** The end comes first: what the group finishes meanwhile is then parked for a second too long, and never too short. */
  async #ask(): Promise<Place> {
    const ends = await this.#group.ends();
    return { ends, committed: await this.#group.committed() };
  }
}
