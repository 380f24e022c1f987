/** Taking over a partition, in the one order that leaves no gap. */
import { type AlarmStates, deviceKey, topics } from '@millrace/contracts';
import { committedOffset, type Kafka, readTables, type Registry, TransactionalProducer } from '@millrace/kafka';
import type { AlarmCodecs } from './alarm-records.ts';
import { OwnedPartition } from './owned-partition.ts';
import { PartitionAlarms } from './partition-alarms.ts';
import type { TakeOver } from './partition-owner.ts';
import type { RulePlans } from './rule-plans.ts';

export interface TakeOverParts {
  readonly kafka: Kafka;
  readonly registry: Registry;
  readonly codecs: AlarmCodecs;
  readonly plans: RulePlans;
  readonly groupId: string;
  /** `<prefix>.<partition>` is the transactional id; all instances of a group share it. */
  readonly transactionalIdPrefix: string;
}

/**
 * First the transactional id: from then on a former owner's transaction is refused, and one that was open is ended. Then
 * the committed offset and the checkpoint of the partition: nobody else can change them any more, so they belong together.
 */
export function takeOverWith(parts: TakeOverParts): TakeOver {
  const { kafka, plans, codecs, groupId, transactionalIdPrefix } = parts;
  return async (partition, signal) => {
    const producer = new TransactionalProducer(kafka, `${transactionalIdPrefix}.${partition}`);
    try {
      await producer.connect();
      const input = { groupId, topic: topics.points.name, partition };
      const resumeOffset = await committedOffset(kafka, groupId, topics.points.name, partition);
      const alarms = new PartitionAlarms(plans, await readCheckpoint(parts, partition, signal));
      signal.throwIfAborted();
      return new OwnedPartition(input, alarms, resumeOffset, producer, codecs);
    } catch (error) {
      await producer.close().catch(() => undefined);
      throw error;
    }
  };
}

/** The last state of each device in the partition, of committed transactions only. */
async function readCheckpoint(
  { kafka, registry }: TakeOverParts,
  partition: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, AlarmStates>> {
  const states = new Map<string, AlarmStates>();
  const table = {
    topic: topics.alarmStates,
    partitions: [partition],
    apply: (key: string, value: AlarmStates | null) => {
      if (value) states.set(deviceKey(value.tenant, value.deviceUid), value);
      else states.delete(key);
    },
  };
  const reader = await readTables(kafka, registry, [table], signal);
  await reader.close();
  return states;
}
