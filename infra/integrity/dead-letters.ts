/** The dead letters of a topic, with their headers, their bytes, and the message where the letter is a raw record. */
import { deadLetterTopicOf, type RawBatch, type RawMessage, type Topic, topics } from '@millrace/contracts';
import { connectRegistry } from '@millrace/kafka';
import type { Stack } from '../stack/index.ts';
import { readRecords } from './read-topic.ts';

export interface DeadLetterRead {
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  readonly message: RawMessage | undefined;
}

export async function deadLettersOf(stack: Stack, source: Topic): Promise<DeadLetterRead[]> {
  const registry = connectRegistry({ url: stack.address('registry') });
  const codec = await registry.codec<RawBatch>(topics.raw);
  const records = await readRecords(stack, deadLetterTopicOf(source.name));
  return records.map(({ record }) => {
    const bytes = record.value ?? Buffer.alloc(0);
    const headers = Object.entries(record.headers ?? {}).map(([name, value]) => [name, String(value)]);
    return {
      headers: Object.fromEntries(headers),
      bytes,
      message: rawMessageIn(bytes, (value) => codec.decode(value)),
    };
  });
}

/** Undefined: the letter is no raw record. */
function rawMessageIn(bytes: Buffer, decode: (bytes: Buffer) => RawBatch): RawMessage | undefined {
  try {
    return decode(bytes).messages[0];
  } catch {
    return undefined;
  }
}
