/** The bug: after a rebalance the alarm evaluator goes on with the states in its memory instead of those of the checkpoint. */
import type * as source from '../../../services/alarm-evaluator/src/partition-owner.ts';
import type { OwnedPartition } from '../../../services/alarm-evaluator/src/owned-partition.ts';
import { builtModule } from './built-module.ts';
import { changeMethod } from './change-method.ts';

const { PartitionOwner } = await builtModule<typeof source>('alarm-evaluator', 'partition-owner');
const kept = new Map<number, OwnedPartition['alarms']>();

changeMethod(PartitionOwner.prototype, 'of', (of) => {
  return async function ofMemory(this: source.PartitionOwner, batch) {
    const owned = await of.call(this, batch);
    const alarms = kept.get(batch.partition) ?? owned.alarms;
    kept.set(batch.partition, alarms);
    return Object.assign(owned, { alarms });
  };
});
