/** How much one message may carry. */
import { type Problem, problem } from './sender.ts';

/** Kafka takes 1 MiB per record; a raw record is closed at half of it. */
export const payloadBytesMax = 512 * 1024;

/** Too much is cut for the dead letter, which must fit into a record as well; the detail tells the true size. */
export function problemOfSize({ length }: Buffer): Problem | undefined {
  if (length === 0) return problem('empty_body', 'The payload is empty.');
  if (length <= payloadBytesMax) return undefined;
  return problem(
    'body_too_large',
    `The payload has ${length} bytes, the limit is ${payloadBytesMax}; the rest is cut.`,
  );
}

export function cutToSize(payload: Buffer): Buffer {
  return payload.length > payloadBytesMax ? payload.subarray(0, payloadBytesMax) : payload;
}
