/** What a compacted topic still has of a tenant. */
import { MillraceError } from '@millrace/contracts';
import { type Kafka, type OutgoingRecord, readToEnd } from '@millrace/kafka';

/** Reading a topic takes seconds; a Kafka that is away is asked again by the next attempt. */
const readMsMax = 60_000;

/** Records that delete the keys `tenant/…` of a topic that still have a value. Throws `stream_unavailable`. */
export async function nullRecords(
  kafka: Kafka,
  topic: string,
  tenant: string,
  signal: AbortSignal,
): Promise<readonly OutgoingRecord[]> {
  const prefix = Buffer.from(`${tenant}/`);
  const found = new Map<string, OutgoingRecord>();
  const limit = AbortSignal.timeout(readMsMax);
  const onRecords: Parameters<typeof readToEnd>[2] = async (_, partition, records) => {
    for (const { key, value } of records) {
      if (key?.subarray(0, prefix.length).equals(prefix) !== true) continue;
      const name = key.toString();
      if (value) found.set(name, { topic, partition, key: name, value: null });
      else found.delete(name);
    }
  };
  try {
    await readToEnd(kafka, topic, onRecords, AbortSignal.any([signal, limit]));
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error;
    throw new MillraceError('stream_unavailable', `Kafka did not give the topic ${topic}.`, { cause: error });
  }
  return [...found.values()];
}
