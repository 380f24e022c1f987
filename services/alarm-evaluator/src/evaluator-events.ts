/** What happens in the evaluator, by name. */
import { defineEvents, event } from '@millrace/observe';

export const evaluatorEvents = defineEvents({
  partitionTakenOver: event<{ partition: number; resumeOffset: string; tookMs: number }>(
    'info',
    'Partition taken over.',
    'partitions_taken_over_total',
  ),
  pointsEvaluated: event<{ partition: number; points: number }>(
    'debug',
    'Points evaluated.',
    'points_evaluated_total',
    'points',
  ),
  transitionsStored: event<{ partition: number; transitions: number }>(
    'debug',
    'Transitions stored.',
    'transitions_stored_total',
    'transitions',
  ),
  recordsPutAside: event<{ partition: number; records: number; code: string; reason: string }>(
    'warn',
    'Records put aside.',
    'records_put_aside_total',
    'records',
  ),
  recordsDropped: event<{ partition: number; records: number }>(
    'info',
    'Records of deleted tenants were dropped.',
    'records_dropped_total',
    'records',
  ),
  partitionFenced: event<{ partition: number }>(
    'warn',
    'Another owner had taken over the partition.',
    'partitions_fenced_total',
  ),
  transactionUndecided: event<{ partition: number; reason: string }>(
    'warn',
    'It was not known whether a transaction was committed; the checkpoint is read again.',
    'transactions_undecided_total',
  ),
  ruleLeftOut: event<{ tenant: string; ruleId: string; field: string; reason: string }>(
    'warn',
    'An alarm rule makes no sense and was left out.',
    'rules_left_out_total',
  ),
});
