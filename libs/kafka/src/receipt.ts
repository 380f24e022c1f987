/** Where records came to stand. */
import type { RecordMetadata } from 'kafkajs';

/** The broker's answer to a produce request; several sends may share it. */
export class Receipt {
  readonly #results: readonly RecordMetadata[];
  readonly #counts: (topic: string, partition: number) => number;

  constructor(results: readonly RecordMetadata[], counts: (topic: string, partition: number) => number) {
    this.#results = results;
    this.#counts = counts;
  }

  /**
   * The offset of the last record that the request wrote into the partition: at or after the last one of the send.
   * Undefined: the request wrote nothing there.
   */
  lastOffset(topic: string, partition: number): bigint | undefined {
    const result = this.#results.find((one) => one.topicName === topic && one.partition === partition);
    if (result?.baseOffset === undefined) return undefined;
    return BigInt(result.baseOffset) + BigInt(this.#counts(topic, partition) - 1);
  }
}
