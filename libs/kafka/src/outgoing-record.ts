/** A record on its way into the stream. */
export interface OutgoingRecord {
  readonly topic: string;
  /** Always explicit: a producer that chooses by itself may choose differently when it repeats. */
  readonly partition: number;
  readonly key: string | Buffer | null;
  /** Null deletes the key in a compacted topic. */
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
}
