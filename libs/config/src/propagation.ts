/** Whether a change of the configuration is live: applied by every instance that follows it. */
import { type ConfigurationPosition, MillraceError, type PublishedPosition } from '@millrace/contracts';
import type { Table, TableReader } from '@millrace/kafka';
import type { Clock } from '@millrace/kernel';
import { goneMs } from './position-reporter.ts';
import { behindOf, type Offsets, PositionTable, PublishedTable, type Reach } from './propagation-tables.ts';

/** What the publisher of the configuration knows of a change. */
export interface PublishedOffsets {
  /**
   * By configuration topic: the offset that has to be applied before the change that was given this position is live.
   * Undefined: it is not on the topics yet; it is asked again after the next publication. Of a change that a full publication
   * has written again, the offsets are those of that: the ones before may have gone with their topic.
   */
  at(position: bigint): Promise<Offsets | undefined>;
}

export interface PropagationState {
  /** There are instances, and all have it. */
  readonly live: boolean;
  /** When the configuration was published last; null: never. */
  readonly publishedAtMicros: number | null;
  readonly instances: readonly InstanceState[];
}

export interface InstanceState {
  readonly service: string;
  readonly instance: string;
  readonly live: boolean;
  /** Offsets that it still has to apply; null: the change is not on the topics yet. */
  readonly behind: number | null;
  readonly reportedAtMicros: number;
}

type FollowedTables = Pick<TableReader, 'until' | 'close'>;
type ReadTables = (
  tables: readonly [Table<PublishedPosition>, Table<ConfigurationPosition>],
) => Promise<FollowedTables>;

/** Each is looked at after each fetch, and holds a request open. */
const waitingMax = 200;

export class Propagation {
  readonly #published = new PublishedTable((mark) => this.#onMark(mark));
  readonly #positions = new PositionTable();
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  /** By topic: the first mark that was not live yet, of those that came since it was. */
  readonly #pending = new Map<string, PublishedPosition>();
  #reader: FollowedTables | undefined;
  #waiting = 0;

  private constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `read` fills the tables and goes on with it: `readTables`. */
  static async over(clock: Clock, read: ReadTables): Promise<Propagation> {
    const propagation = new Propagation(clock);
    propagation.#reader = await read([propagation.#published, propagation.#positions]);
    return propagation;
  }

  /** For a publisher whose positions are not known here: what is on the topics now contains every earlier change. */
  readonly marked: PublishedOffsets = { at: () => Promise.resolve(this.#published.offsets) };

  /** Of instances that reported lately. `wanted`: undefined is what nobody can have yet. */
  stateOf(wanted: Offsets | undefined, reach: Reach = 'applied'): PropagationState {
    const instances = this.#instances().map((report) => {
      const behind = wanted ? Number(behindOf(report, wanted, reach)) : null;
      const { service, instance, reportedAtMicros } = report;
      return { service, instance, live: behind === 0, behind, reportedAtMicros };
    });
    const live = instances.length > 0 && instances.every((one) => one.live);
    return { live, publishedAtMicros: this.#published.publishedAtMicros, instances };
  }

  /**
   * The state of the change with this position, or of what is published at the call: as soon as it is live, or after `waitMs`.
   * `settled`: and every instance has ended what it had begun before it knew. Throws `overloaded` when too many wait.
   */
  async awaitLive(
    position: bigint | undefined,
    waitMs: number,
    offsets: PublishedOffsets,
    reach: Reach = 'applied',
  ): Promise<PropagationState> {
    if (this.#waiting >= waitingMax) throw new MillraceError('overloaded', 'Too many wait for changes; try later.');
    this.#waiting += 1;
    try {
      const limit = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(waitMs)]);
      return await this.#awaitLive(position, limit, offsets, reach);
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Age of the oldest published change that is not live; 0: all are. */
  get pendingSeconds(): number {
    for (const [topic, mark] of this.#pending) if (this.#isLive(mark)) this.#pending.delete(topic);
    for (const mark of this.#published.marks) this.#onMark(mark);
    const times = [...this.#pending.values()].map(({ publishedAtMicros }) => publishedAtMicros);
    return times.length === 0 ? 0 : Math.max(0, this.#clock.nowMs() / 1e3 - Math.min(...times) / 1e6);
  }

  get instancesBehind(): number {
    return this.stateOf(this.#published.offsets).instances.filter(({ live }) => !live).length;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#reader?.close();
  }

  async #awaitLive(
    position: bigint | undefined,
    limit: AbortSignal,
    offsets: PublishedOffsets,
    reach: Reach,
  ): Promise<PropagationState> {
    const atCall = this.#published.offsets;
    let wanted: Offsets | undefined;
    const state = (): PropagationState =>
      this.stateOf(position === undefined ? stillWanted(atCall, this.#published.offsets) : wanted, reach);
    for (;;) {
      const { version } = this.#published;
      if (position !== undefined) wanted ??= await offsets.at(position);
      const found = state();
      if (found.live || limit.aborted) return found;
      const isUnknown = position !== undefined && !wanted;
      const hasMoved = (): boolean => (isUnknown ? this.#published.version !== version : state().live);
      await this.#reader?.until(hasMoved, limit).catch(() => undefined);
    }
  }

  #instances() {
    return this.#positions.since((this.#clock.nowMs() - goneMs) * 1e3);
  }

  #onMark(mark: PublishedPosition): void {
    const before = this.#pending.get(mark.topic);
    // A lower offset is that of a topic that began anew.
    if (before && before.offset <= mark.offset && !this.#isLive(before)) return;
    if (this.#isLive(mark)) this.#pending.delete(mark.topic);
    else this.#pending.set(mark.topic, mark);
  }

  #isLive({ topic, offset }: PublishedPosition): boolean {
    const wanted = new Map([[topic, BigInt(offset)]]);
    return this.#instances().every((report) => behindOf(report, wanted) === 0n);
  }
}

/** What was published at the call; of a topic that began anew since, what it has now: its offsets are lower. */
function stillWanted(atCall: Offsets, now: Offsets): Offsets {
  return new Map([...atCall].map(([topic, offset]) => [topic, least(offset, now.get(topic) ?? -1n)]));
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
