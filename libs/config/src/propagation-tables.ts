/** What was published and how far each instance is, as `config.published.v1` and `config.positions.v1` say it. */
import { type ConfigurationPosition, type PublishedPosition, topics } from '@millrace/contracts';
import type { Table } from '@millrace/kafka';

/** By configuration topic, all of one partition. */
export type Offsets = ReadonlyMap<string, bigint>;

/** Up to which offset of each topic the published configuration goes. */
export class PublishedTable implements Table<PublishedPosition> {
  readonly topic = topics.configPublished;
  readonly #marks = new Map<string, PublishedPosition>();
  readonly #onMark: (mark: PublishedPosition) => void;
  #version = 0;

  constructor(onMark: (mark: PublishedPosition) => void) {
    this.#onMark = onMark;
  }

  /** Counts every change. */
  get version(): number {
    return this.#version;
  }

  get marks(): readonly PublishedPosition[] {
    return [...this.#marks.values()];
  }

  get offsets(): Offsets {
    return new Map(this.marks.map(({ topic, offset }) => [topic, BigInt(offset)]));
  }

  /** The latest of all topics; null: nothing was published. */
  get publishedAtMicros(): number | null {
    return this.marks.reduce<number | null>((latest, one) => Math.max(latest ?? 0, one.publishedAtMicros), null);
  }

  /** Other keys than those of partitions are their writer's own business. */
  apply(key: string, mark: PublishedPosition | null): void {
    this.#version += 1;
    if (!mark) this.#marks.delete(key);
    else if (key === `${mark.topic}/${mark.partition}`) {
      this.#marks.set(key, mark);
      this.#onMark(mark);
    }
  }
}

/** The last report of each instance. */
export class PositionTable implements Table<ConfigurationPosition> {
  readonly topic = topics.configPositions;
  readonly #reports = new Map<string, ConfigurationPosition>();

  apply(key: string, report: ConfigurationPosition | null): void {
    if (report) this.#reports.set(key, report);
    else this.#reports.delete(key);
  }

  /** In the order of their names. */
  since(micros: number): readonly ConfigurationPosition[] {
    return [...this.#reports]
      .filter(([, { reportedAtMicros }]) => reportedAtMicros >= micros)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, report]) => report);
  }
}

/** `applied`: decided by from now on; `settled`: and nothing goes on that had begun before. */
export type Reach = 'applied' | 'settled';

/** How many offsets of the topics that it follows an instance has not reached; the ends of transactions count as well. */
export function behindOf(
  { offsets, settledOffsets }: ConfigurationPosition,
  wanted: Offsets,
  reach: Reach = 'applied',
): bigint {
  return Object.entries(offsets).reduce((sum, [topic, applied]) => {
    const reached = reach === 'applied' ? applied : (settledOffsets[topic] ?? -1);
    const missing = (wanted.get(topic) ?? -1n) - BigInt(reached);
    return missing > 0n ? sum + missing : sum;
  }, 0n);
}
