/** Identity of a result: the same run again, after a crash or by another instance, gives the same id. */
import type { StatisticResult } from '@millrace/contracts';
import { fieldHash } from '@millrace/kernel';

export type ResultIdentity = Pick<
  StatisticResult,
  'tenant' | 'statisticId' | 'deviceUid' | 'windowEndMicros' | 'revision'
>;

/** `fieldHash` of tenant, statisticId, deviceUid (empty where there is none), windowEndMicros and revision, in this order. */
export function resultIdOf({ tenant, statisticId, deviceUid, windowEndMicros, revision }: ResultIdentity): Buffer {
  return fieldHash(tenant, statisticId, deviceUid ?? '', windowEndMicros, revision);
}
