/** Identity of a transition: the same points in the same order give the same id, on every machine and in every replay. */
import { hash } from 'node:crypto';

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

export const eventIdBytes = 16;

/**
 * First 16 bytes of SHA-256 over seven netstrings (`<bytes in decimal>:<UTF-8 bytes>,`), in this order: tenant, deviceUid,
 * ruleId, ruleVersion, signal, timeMicros, severity; numbers as decimal text. Netstrings (cr.yp.to/proto/netstrings.txt)
 * keep fields apart whatever a signal's name contains, and are written in one line in any language.
 */
export function eventIdOf(identity: TransitionIdentity): Buffer {
  const { tenant, deviceUid, ruleId, ruleVersion, signal, timeMicros, severity } = identity;
  const names = netstring(tenant) + netstring(deviceUid) + netstring(ruleId) + netstring(`${ruleVersion}`);
  const rest = netstring(signal) + netstring(`${timeMicros}`) + netstring(severity);
  return hash('sha256', names + rest, 'buffer').subarray(0, eventIdBytes);
}

function netstring(field: string): string {
  return `${Buffer.byteLength(field)}:${field},`;
}
