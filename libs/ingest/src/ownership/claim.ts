/**
 * What is known of a connection's ownership. Records of `connection.claims.v1` may be joined in any order and any number of times
 * with the same result, so that instances which read the topic and write into it at the same time end with the same knowledge.
 */
import type { ClaimFence, ConnectionClaim } from '@millrace/contracts';

/** A record whose epoch is known; fences by epoch, the oldest first. `timeMicros`: when this epoch was claimed. */
export type Claim = ConnectionClaim;

/** The fences of older owners are forgotten: what they would still refuse was never acknowledged. */
export const fencesMax = 16;

/** The claim that a record at this offset makes. */
export function claimOf({ fences, ...record }: ConnectionClaim, offset: number): Claim {
  return { ...record, epoch: record.epoch < 0 ? offset : record.epoch, fences: joinedFences([], fences) };
}

/** The owner of the higher epoch, with what either of them knows. */
export function joined(one: Claim, other: Claim): Claim {
  const newer = other.epoch > one.epoch ? other : one;
  const released = one.epoch === other.epoch ? one.released || other.released : newer.released;
  return { ...newer, released, fences: joinedFences(one.fences, other.fences) };
}

/** Whether the claim says everything of what is known: only such a record may stay the last one of its key. */
export function saysAll({ epoch, released, fences }: Claim, known: Claim): boolean {
  if (epoch !== known.epoch || released !== known.released) return false;
  const own = new Map(fences.map((fence) => [fence.epoch, fence.offsets]));
  return known.fences.every((fence) => String(own.get(fence.epoch)) === String(fence.offsets));
}

/** Of two fences of one epoch the earlier places count: a producer that began anew may have written it twice. */
function joinedFences(some: readonly ClaimFence[], more: readonly ClaimFence[]): readonly ClaimFence[] {
  const offsets = new Map<number, readonly number[]>();
  for (const fence of [...some, ...more]) {
    const before = offsets.get(fence.epoch);
    offsets.set(fence.epoch, before ? earlier(before, fence.offsets) : fence.offsets);
  }
  const fences = [...offsets].map(([epoch, places]): ClaimFence => ({ epoch, offsets: places }));
  return fences.toSorted((a, b) => a.epoch - b.epoch).slice(-fencesMax);
}

function earlier(some: readonly number[], others: readonly number[]): readonly number[] {
  return some.map((offset, partition) => Math.min(offset, others[partition] ?? offset));
}
