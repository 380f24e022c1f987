/** What the parser knows of the owners of connections: whose raw records are stale. See ADR 035. */
import { type RawBatch, topics } from '@millrace/contracts';
import { followClaims, StaleRecords, type Standing } from '@millrace/ingest';
import type { Kafka, Registry, TableReader } from '@millrace/kafka';
import { OncePerSignal } from '@millrace/kernel';

const { name: topic } = topics.connectionClaims;

export class ConnectionOwners {
  readonly #reader: TableReader;
  readonly #stale: StaleRecords;
  readonly #caughtUp: OncePerSignal<void>;

  private constructor(reader: TableReader, stale: StaleRecords) {
    this.#reader = reader;
    this.#stale = stale;
    this.#caughtUp = new OncePerSignal((signal) => reader.caughtUp(topic, signal));
  }

  /** Resolves when all claims were read; they are followed until `close`. */
  static async open(kafka: Kafka, registry: Registry, signal: AbortSignal): Promise<ConnectionOwners> {
    const stale = new StaleRecords();
    return new ConnectionOwners(await followClaims(kafka, registry, stale.learn.bind(stale), signal), stale);
  }

  /**
   * Resolves when everything is known that was confirmed before this assignment began (named by its signal): the fences of its
   * partitions may lie before the records that it begins with.
   */
  caughtUp(assignment: AbortSignal): Promise<void> {
    return this.#caughtUp.of(assignment);
  }

  /** See `StaleRecords`. */
  standingOf(partition: number, offset: number, raw: RawBatch): Standing {
    return this.#stale.standingOf(partition, offset, raw);
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}
