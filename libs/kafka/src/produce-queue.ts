/** What waits for the one produce request in flight: sends in order, merged into bounded requests. */
import type { OutgoingRecord } from './outgoing-record.ts';
import type { Send } from './send.ts';

export interface ProduceLimits {
  /** Uncompressed bytes of one partition in a request: a record batch must stay below the broker's `message.max.bytes` (1 MiB). */
  readonly partitionBytesMax: number;
  /** Uncompressed bytes of a request: what is in flight is in memory several times (records, batch, compressed batch). */
  readonly requestBytesMax: number;
}

export interface ProduceRequest {
  readonly topicMessages: readonly { readonly topic: string; readonly messages: OutgoingRecord[] }[];
  readonly partitions: number;
  readonly bytes: number;
  /** Sends with records in this request; the last one may have more records to come. */
  readonly sends: readonly Send[];
}

/** Framing, lengths and time stamp of one record in a batch are less than this. */
const recordOverheadBytes = 32;

export class ProduceQueue {
  readonly #limits: ProduceLimits;
  #sends: Send[] = [];

  constructor(limits: ProduceLimits) {
    this.#limits = limits;
  }

  get empty(): boolean {
    return this.#sends.length === 0;
  }

  /** Records that are in no request yet. */
  get waitingRecords(): number {
    return this.#sends.reduce((sum, { records, taken }) => sum + records.length - taken, 0);
  }

  push(send: Send): void {
    this.#sends.push(send);
  }

  /** Takes the next request: records in the order they were sent, as many as the limits allow, at least one. */
  take(): ProduceRequest | undefined {
    if (this.empty) return undefined;
    const filling = new Filling(this.#limits);
    let whole = 0;
    for (const send of this.#sends) {
      while (send.taken < send.records.length && filling.add(send.records[send.taken] as OutgoingRecord))
        send.taken += 1;
      if (send.taken < send.records.length) break;
      whole += 1;
    }
    const sends = this.#sends.slice(0, whole + 1);
    this.#sends = this.#sends.slice(whole);
    return filling.request(sends);
  }

  /** Forgets what was not taken yet of a send. */
  remove(send: Send): void {
    this.#sends = this.#sends.filter((waiting) => waiting !== send);
  }

  /** Removes everything that waits. */
  drain(): readonly Send[] {
    const sends = this.#sends;
    this.#sends = [];
    return sends;
  }
}

/** A request while it is being filled. */
class Filling {
  readonly #limits: ProduceLimits;
  readonly #topics = new Map<string, { messages: OutgoingRecord[]; partitionBytes: number[] }>();
  #bytes = 0;
  #partitions = 0;

  constructor(limits: ProduceLimits) {
    this.#limits = limits;
  }

  /** False: it does not fit, and nothing after it may go before it. */
  add(record: OutgoingRecord): boolean {
    const bytes = bytesOf(record);
    const topic = this.#topics.get(record.topic) ?? { messages: [], partitionBytes: [] };
    const before = topic.partitionBytes[record.partition] ?? 0;
    const { partitionBytesMax, requestBytesMax } = this.#limits;
    if (this.#bytes > 0 && this.#bytes + bytes > requestBytesMax) return false;
    if (before > 0 && before + bytes > partitionBytesMax) return false;
    if (before === 0) this.#partitions += 1;
    this.#topics.set(record.topic, topic);
    topic.messages.push(record);
    topic.partitionBytes[record.partition] = before + bytes;
    this.#bytes += bytes;
    return true;
  }

  request(sends: readonly Send[]): ProduceRequest {
    const topicMessages = [...this.#topics].map(([topic, { messages }]) => ({ topic, messages }));
    return { topicMessages, partitions: this.#partitions, bytes: this.#bytes, sends };
  }
}

/** Uncompressed size of a record in a batch, never too small by more than its headers' framing. */
export function bytesOf({ key, value, headers }: OutgoingRecord): number {
  let bytes = recordOverheadBytes + (key?.length ?? 0) + (value?.length ?? 0);
  for (const name in headers) bytes += recordOverheadBytes + name.length + (headers[name]?.length ?? 0);
  return bytes;
}
