/** What a handler gets: the records of one partition from one fetch. */

/** A record as kafkajs decoded it; passed on as it is, because a copy per record would cost more than most handlers. */
export interface ConsumedRecord {
  /** Decimal. */
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** UTC milliseconds, decimal. */
  readonly timestamp: string;
  readonly headers?: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
}

export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  /** Records of the partition after these when they were fetched; markers of transactions, which nobody sees, count as well. */
  readonly recordsBehind: number;
  /** Never empty; offsets increase, with gaps. */
  readonly records: readonly ConsumedRecord[];
  /**
   * Aborted when the partition may belong to somebody else or the consumer stops. It outlives the handler: work that
   * holds offsets back beyond its batch is thrown away when it is aborted, and will be read again.
   */
  readonly signal: AbortSignal;
  /** The first `count` records are done. What is settled is committed when the handler ends, also when it throws. */
  settle(count: number): void;
  /** Everything before this offset is done: for handlers with an ack ledger, whose offsets may lie before this batch. */
  settleBefore(offset: bigint): void;
  /** Commits now what is settled; resolves when Kafka has it. After a rebalance it throws and commits nothing. */
  commit(): Promise<void>;
  /**
   * Tells the group that this member lives. Only work that holds the processor needs it, at least every 500 ms: while a
   * handler waits it is done by a timer. Throws when the group is being rebalanced: end without settling more.
   */
  heartbeat(): Promise<void>;
}
