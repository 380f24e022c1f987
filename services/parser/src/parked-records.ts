/** Records of the parked topic: some messages of one device out of one raw record, with their places there. */
import { deviceKey, type ParkedBatch } from '@millrace/contracts';
import type { OutgoingRecord, RecordBatch } from '@millrace/kafka';
import {
  decoded,
  noneStale,
  type RawOrigin,
  type RecipeOf,
  type TakenMessage,
  type TakenRecord,
} from './taken-messages.ts';

/** Why a device is parked: its script is slow, its tenant's budget is used up, or messages before it are parked. */
export type ParkingReason = 'slow' | 'budget' | 'order';

export interface HeldMessage {
  readonly key: string;
  readonly reason: ParkingReason;
  readonly message: TakenMessage;
}

/** What is worked off and committed at once: also when each takes a script to its limits it is a matter of seconds. */
const recordMessagesMax = 20;

/** In the order of the messages of each device. */
export function parkedRecordsOf(
  held: readonly HeldMessage[],
  { topic, partition, codec }: { topic: string; partition: number; codec: { encode(value: ParkedBatch): Buffer } },
): readonly OutgoingRecord[] {
  const groups: HeldMessage[][] = [];
  const open = new Map<string, HeldMessage[]>();
  for (const one of held) {
    let group = open.get(one.key);
    if (!group || group.length >= recordMessagesMax || group[0]!.message.origin !== one.message.origin) {
      open.set(one.key, (group = []));
      groups.push(group);
    }
    group.push(one);
  }
  return groups.map((group) => ({
    topic,
    partition,
    key: group[0]!.key,
    value: codec.encode(parkedBatchOf(group)),
  }));
}

function parkedBatchOf(group: readonly HeldMessage[]): ParkedBatch {
  const { reason, message: first } = group[0]!;
  const { partition, offset, timestampMs, raw } = first.origin;
  return {
    reason,
    rawPartition: partition,
    rawOffset: Number(offset),
    rawIndexes: group.map(({ message }) => message.index),
    rawTimestampMicros: timestampMs * 1_000,
    raw: { ...raw, messages: group.map(({ message }) => message.message) },
  };
}

/** As `takeMessages`, of parked records: each message as if it came from its raw record. */
export function takeParked(
  { records }: Pick<RecordBatch, 'records'>,
  decoder: { decode(bytes: Buffer): ParkedBatch },
  recipeOf: RecipeOf,
  rawTopic: string,
): readonly TakenRecord[] {
  return records.map(({ value }) => {
    const parked = decoded(value, decoder);
    if ('code' in parked) return { failure: parked, messages: [], stale: noneStale };
    const { rawPartition, rawOffset, rawIndexes, rawTimestampMicros, raw } = parked;
    const origin: RawOrigin = {
      topic: rawTopic,
      partition: rawPartition,
      offset: String(rawOffset),
      timestampMs: rawTimestampMicros / 1_000,
      raw,
    };
    const messages = raw.messages.map((message, place) => ({
      message,
      origin,
      index: rawIndexes[place] ?? 0,
      recipe: recipeOf(message.tenant, message.deviceUid),
    }));
    // Whether they are stale was decided before they were parked.
    return { failure: undefined, messages, stale: noneStale };
  });
}

export const keyOf = ({ message: { tenant, deviceUid } }: TakenMessage): string => deviceKey(tenant, deviceUid);
