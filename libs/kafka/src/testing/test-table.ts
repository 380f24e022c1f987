/** A compacted topic of words, read into a map: for tests of tables. */
import { MillraceError, type Topic, topics } from '@millrace/contracts';
import { testAddresses } from '@millrace/testkit';
import { AvroCodec } from '../avro-codec.ts';
import { connectRegistry } from '../registry.ts';
import type { Codecs } from '../topic-table.ts';

export const wordCodec = new AvroCodec<string>('string', 1, {
  writerOf: () => {
    throw new MillraceError('unknown_schema', 'There is no other.');
  },
});

const registry = connectRegistry({ url: testAddresses.registry });

/** The real ones for the catalogue's topics, words for all others. */
export const codecs = {
  codec: (topic: Topic) =>
    topic.name === topics.configPublished.name ? registry.codec(topic) : Promise.resolve(wordCodec),
  prepare: () => undefined,
} as unknown as Codecs;

export class Words {
  readonly topic: Topic;
  readonly rows = new Map<string, string>();
  /** Of each record that was applied. */
  readonly offsets: bigint[] = [];

  constructor(name: string) {
    this.topic = {
      name,
      key: 'entity id',
      partitions: 1,
      retention: 'compacted',
      owner: 'api',
      audience: 'internal',
      schema: true,
    };
  }

  apply(key: string, value: string | null, offset: bigint): void {
    this.offsets.push(offset);
    if (value === null) this.rows.delete(key);
    else this.rows.set(key, value);
  }
}
