/** A record as one line of JSON: what Avro has and JSON has not is written as text. */
import { type ConsumedRecord, type RecordBatch } from '@millrace/kafka';

/** Ids of 16 bytes are compared and searched for, so they are hex; other bytes are base64. */
const idBytes = 16;

export function jsonLine(
  { topic, partition }: Pick<RecordBatch, 'topic' | 'partition'>,
  record: ConsumedRecord,
  value: unknown,
): string {
  const { offset, key, timestamp, headers } = record;
  const named = Object.entries(headers ?? {}).map(([name, content]) => [name, textOf(content)]);
  return JSON.stringify({
    topic,
    partition,
    offset: Number(offset),
    key: key === null ? null : key.toString('utf8'),
    timestamp: Number(timestamp),
    ...(named.length > 0 && { headers: Object.fromEntries(named) }),
    value: plain(value),
  });
}

type Header = Buffer | string | (Buffer | string)[] | undefined;

function textOf(content: Header): unknown {
  return Array.isArray(content) ? content.map(String) : content?.toString();
}

/** Buffer brings a `toJSON` of its own, so this cannot be a replacer of `JSON.stringify`. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString(value.length === idBytes ? 'hex' : 'base64');
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}
