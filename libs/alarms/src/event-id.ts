/** Identity of a transition: the same points in the same order give the same id, on every machine and in every replay. */
import { fieldHash, fieldHashBytes } from '@millrace/kernel';

/** What makes a transition the one it is. A rule leaves its state at most once per event time, so this is enough. */
export interface TransitionIdentity {
  readonly tenant: string;
  readonly deviceUid: string;
  readonly ruleId: string;
  readonly ruleVersion: number;
  readonly signal: string;
  /** Event time, UTC microseconds. */
  readonly timeMicros: number;
  /** After the transition. */
  readonly severity: string;
}

export const eventIdBytes = fieldHashBytes;

/** `fieldHash` of these seven fields in this order: tenant, deviceUid, ruleId, ruleVersion, signal, timeMicros, severity. */
export function eventIdOf(identity: TransitionIdentity): Buffer {
  const { tenant, deviceUid, ruleId, ruleVersion, signal, timeMicros, severity } = identity;
  return fieldHash(tenant, deviceUid, ruleId, ruleVersion, signal, timeMicros, severity);
}
