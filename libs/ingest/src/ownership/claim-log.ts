/**
 * Who owns which connection, and since which offsets of the raw topic: read to the end once, then followed, and written. Whoever
 * sees that the last record of a connection does not say all that is known writes it again, because compaction will keep that
 * record alone. See ADR 035.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ConnectionClaim, MillraceError } from '@millrace/contracts';
import { type Clock, retrying } from '@millrace/kernel';
import { type Claim, joined } from './claim.ts';
import { ClaimBook } from './claim-book.ts';

/** Key, and what is written; null deletes. */
export type ClaimRecord = readonly [key: string, record: ConnectionClaim | null];

/** How claims travel; Kafka in a service. Records of one turn of the event loop should travel together. */
export interface ClaimTopic {
  /** Resolves when all that the topic holds was given to `read`, and goes on until it is closed. */
  follow(
    read: (key: string, record: ConnectionClaim | null, offset: number) => void,
    signal: AbortSignal,
  ): Promise<{ close(): Promise<void> }>;
  /** Resolves with the offset of each record when all are durable. */
  write(records: readonly ClaimRecord[], signal: AbortSignal): Promise<readonly number[]>;
}

export interface Claimant {
  readonly instance: string;
  /** The connection receives by a shared subscription. */
  readonly shared: boolean;
}

/** What must be written again is tried for as long as the log is open. */
const retryDelays = { delayMsMin: 100, delayMsMax: 2_000 };

export class ClaimLog {
  readonly #topic: ClaimTopic;
  readonly #clock: Clock;
  readonly #book = new ClaimBook();
  readonly #closing = new AbortController();
  #following: { close(): Promise<void> } | undefined;
  #completing: Promise<void> | undefined;
  /** Something was read since the last look at what is incomplete. */
  #wanted = false;

  constructor(topic: ClaimTopic, clock: Clock) {
    this.#topic = topic;
    this.#clock = clock;
  }

  /** Resolves when the topic was read to its end. Waits for Kafka until the signal. */
  async start(signal: AbortSignal): Promise<void> {
    this.#following = await this.#topic.follow((key, record, offset) => {
      this.#book.read(key, record, offset);
      if (this.#following) this.#complete();
    }, signal);
    this.#complete();
  }

  async stop(): Promise<void> {
    this.#closing.abort();
    await this.#completing;
    await this.#following?.close();
  }

  /** Keys `tenant/connectionId` of all connections that were claimed and not deleted since. */
  keys(): Iterable<string> {
    return this.#book.keys();
  }

  /** The newest claim of the connection; undefined: it was never claimed, or deleted. */
  latest(key: string): Claim | undefined {
    return this.#book.latest(key);
  }

  /**
   * The first record of a new owner; resolves with its epoch, which is higher than that of everybody who claimed before. The lease
   * has to be looked at again afterwards, and before any fence: without one the claim has no effect.
   */
  async claim(key: string, { instance, shared }: Claimant, signal: AbortSignal): Promise<number> {
    const at = key.indexOf('/');
    return this.#write(
      key,
      {
        tenant: key.slice(0, at),
        connectionId: key.slice(at + 1),
        instance,
        epoch: -1,
        shared,
        released: false,
        fences: this.latest(key)?.fences ?? [],
        timeMicros: this.#clock.nowMs() * 1_000,
      },
      signal,
    );
  }

  /**
   * The second record: where the owner's fences are. Only when it is durable may the owner's own records be written and
   * acknowledged. Throws `lease_lost`, and writes nothing, when somebody has claimed the connection since.
   */
  async confirm(key: string, epoch: number, offsets: readonly number[], signal: AbortSignal): Promise<void> {
    const claim = this.latest(key);
    if (claim?.epoch !== epoch) throw new MillraceError('lease_lost', 'Another owner has claimed the connection.');
    await this.#write(key, joined(claim, { ...claim, fences: [{ epoch, offsets }] }), signal);
  }

  /** The owner has closed the connection and will not act again. Writes nothing when somebody else has claimed it. */
  async release(key: string, epoch: number, signal: AbortSignal): Promise<void> {
    this.#book.forgetOwner(key, epoch);
    const claim = this.latest(key);
    if (claim?.epoch === epoch && !claim.released) await this.#write(key, { ...claim, released: true }, signal);
  }

  /** The connection was deleted, and its last owner has closed it. */
  async remove(key: string, signal: AbortSignal): Promise<void> {
    await this.#topic.write([[key, null]], signal);
  }

  /** Aborted with `lease_lost` as soon as a claim of a higher epoch is known, until the epoch is released. */
  supersededSignal(key: string, epoch: number): AbortSignal {
    return this.#book.supersededSignal(key, epoch);
  }

  async #write(key: string, record: ConnectionClaim, signal: AbortSignal): Promise<number> {
    const [offset] = await this.#topic.write([[key, record]], signal);
    if (offset === undefined) throw new MillraceError('internal', 'Kafka did not say where a claim is.');
    this.#book.wrote(key, record, offset);
    return record.epoch < 0 ? offset : record.epoch;
  }

  /** Writes again what the last records of their keys do not say. One at a time: what is found meanwhile comes next. */
  #complete(): void {
    this.#wanted = true;
    this.#completing ??= this.#writeIncomplete()
      .catch(() => undefined)
      .finally(() => {
        this.#completing = undefined;
        if (this.#wanted && !this.#closing.signal.aborted) this.#complete();
      });
  }

  async #writeIncomplete(): Promise<void> {
    const { signal } = this.#closing;
    // Records that were read together are answered together.
    await nextTurn(undefined, { signal });
    this.#wanted = false;
    for (let claims = this.#book.takeIncomplete(); claims.length > 0; claims = this.#book.takeIncomplete()) {
      const write = (): Promise<readonly number[]> => this.#topic.write(claims, signal);
      const offsets = await retrying(write, { ...retryDelays, clock: this.#clock, retryable: () => true }, signal);
      for (const [index, [key, claim]] of claims.entries()) this.#book.wrote(key, claim, offsets[index]!);
    }
  }
}
