/** The bug: the historian commits points that it has not stored yet. */
import type * as source from '../../../services/historian/src/points-intake.ts';
import { builtModule } from './built-module.ts';
import { changeMethod } from './change-method.ts';

const { PointsIntake } = await builtModule<typeof source>('historian', 'points-intake');

changeMethod(PointsIntake.prototype, 'store', (store) => {
  return function storeAfterCommit(this: source.PointsIntake, batch) {
    batch.settle(batch.records.length);
    store.call(this, batch).catch(() => {});
    return batch.commit();
  };
});
