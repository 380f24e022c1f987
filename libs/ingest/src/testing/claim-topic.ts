/** The topic of claims in memory: what is written lands, and what has landed is read, when the test says so. */
import type { ConnectionClaim } from '@millrace/contracts';
import type { ClaimRecord, ClaimTopic } from '../ownership/claim-log.ts';

type Read = (key: string, record: ConnectionClaim | null, offset: number) => void;

interface Landed {
  readonly key: string;
  readonly record: ConnectionClaim | null;
  readonly offset: number;
}

export class MemoryTopic {
  records: readonly Landed[] = [];
  #next = 0;

  append(claims: readonly ClaimRecord[]): readonly number[] {
    const landed = claims.map(([key, record]) => ({ key, record, offset: this.#next++ }));
    this.records = [...this.records, ...landed];
    return landed.map(({ offset }) => offset);
  }

  /** The last record of each key stays. */
  compact(): void {
    const last = new Map(this.records.map((one) => [one.key, one]));
    this.records = this.records.filter((one) => last.get(one.key) === one);
  }
}

/** A request that was sent: it lands, and some time later its answer comes, or neither. */
interface Request {
  readonly claims: readonly ClaimRecord[];
  readonly answer: PromiseWithResolvers<readonly number[]>;
}

/** The topic as one instance sees it. */
export class MemoryClaims implements ClaimTopic {
  readonly requests: Request[] = [];
  readonly #topic: MemoryTopic;
  read: Read = () => undefined;
  #position = 0;

  constructor(topic: MemoryTopic) {
    this.#topic = topic;
  }

  follow(read: Read): Promise<{ close(): Promise<void> }> {
    this.read = read;
    this.deliver();
    return Promise.resolve({ close: () => Promise.resolve() });
  }

  write(claims: readonly ClaimRecord[]): Promise<readonly number[]> {
    const answer = Promise.withResolvers<readonly number[]>();
    this.requests.push({ claims, answer });
    return answer.promise;
  }

  /** The oldest request lands; gives what answers it. */
  land(): () => void {
    const { claims, answer } = this.requests.shift()!;
    const offsets = this.#topic.append(claims);
    return () => answer.resolve(offsets);
  }

  /** Everything that has landed is read, or so many records of it. */
  deliver(recordsMax = Infinity): void {
    const records = this.#topic.records.filter(({ offset }) => offset >= this.#position).slice(0, recordsMax);
    for (const { key, record, offset } of records) {
      this.#position = offset + 1;
      this.read(key, record, offset);
    }
  }
}

/** What was begun and needs no answer has happened. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
