/** Cuts a batch into pieces of whole records, so that work is done and settled in steps of a bounded size. */
import type { TakenMessage, TakenRecord } from './taken-messages.ts';

export interface RawChunk {
  /** Places in the batch: from the first record to before `end`. */
  readonly from: number;
  readonly end: number;
  readonly messages: readonly TakenMessage[];
}

/** Each has at least one record, and at most `messagesMax` messages unless one record has more. */
export function chunksOf(records: readonly TakenRecord[], end: number, messagesMax: number): readonly RawChunk[] {
  const chunks: RawChunk[] = [];
  let from = 0;
  let messages: TakenMessage[] = [];
  for (let at = 0; at < end; at += 1) {
    const more = records[at]!.messages;
    if (at > from && messages.length + more.length > messagesMax) {
      chunks.push({ from, end: at, messages });
      from = at;
      messages = [];
    }
    messages.push(...more);
  }
  if (end > from) chunks.push({ from, end, messages });
  return chunks;
}

/** The records of one tenant that come next, from `from` to before `end`; otherwise as `chunksOf`. One that cannot be read is alone. */
export function tenantChunk(records: readonly TakenRecord[], from: number, end: number, messagesMax: number): RawChunk {
  const messages = [...records[from]!.messages];
  const tenant = messages[0]?.message.tenant;
  let at = from + 1;
  for (; at < end && tenant !== undefined; at += 1) {
    const more = records[at]!.messages;
    if (more[0]?.message.tenant !== tenant || messages.length + more.length > messagesMax) break;
    messages.push(...more);
  }
  return { from, end: at, messages };
}
