/**
 * Which raw records a former owner of a connection wrote: those behind a fence of a higher epoch in their partition. Their owner's
 * lease was over when that fence was written, so none of them was ever acknowledged, and the new owner gets the messages again.
 * Fences are known from the claims and from the raw records themselves.
 */
import type { ConnectionClaim, RawBatch } from '@millrace/contracts';
import { fencesMax } from './claim.ts';

/** `stale`: not to be used. `shared`: the same of a connection with several receivers, where nobody gets the message again. */
export type Standing = 'current' | 'stale' | 'shared';

interface Fence {
  readonly epoch: number;
  readonly offset: number;
}

interface KnownConnection {
  shared: boolean;
  /** The last claim that was read; -1: none. */
  claimOffset: number;
  /** The highest epoch with a fence in any partition: nearly every record is of it. */
  newestEpoch: number;
  /** By partition; oldest first, both numbers ascending: of two fences the one with the higher epoch and the lower offset says all. */
  readonly fences: (readonly Fence[])[];
}

export class StaleRecords {
  readonly #connections = new Map<string, KnownConnection>();

  /** A record of the claims; null: the connection was deleted, and nothing is known of it any more. */
  learn(key: string, claim: ConnectionClaim | null, offset: number): void {
    const before = this.#connections.get(key);
    // Offsets go back only when the topic of claims was made anew: epochs began again.
    if (claim === null || (before && offset < before.claimOffset)) this.#connections.delete(key);
    if (claim === null) return;
    const known = this.#of(key);
    known.claimOffset = offset;
    known.shared = claim.shared;
    for (const { epoch, offsets } of claim.fences)
      for (const [partition, place] of offsets.entries()) add(known, partition, { epoch, offset: place });
  }

  /** Of each raw record, in the order of its partition, also when it comes again; a fence is learned by that. */
  standingOf(
    partition: number,
    offset: number,
    { connectionId, epoch, messages }: Pick<RawBatch, 'connectionId' | 'epoch' | 'messages'>,
  ): Standing {
    if (connectionId === null || epoch < 0) return 'current';
    if (messages.length === 0) {
      add(this.#of(connectionId), partition, { epoch, offset });
      return 'current';
    }
    const known = this.#connections.get(connectionId);
    if (!known || known.newestEpoch <= epoch) return 'current';
    const isStale = known.fences[partition]?.some((fence) => fence.epoch > epoch && fence.offset < offset);
    if (!isStale) return 'current';
    return known.shared ? 'shared' : 'stale';
  }

  #of(key: string): KnownConnection {
    const known = this.#connections.get(key) ?? { shared: false, claimOffset: -1, newestEpoch: -1, fences: [] };
    this.#connections.set(key, known);
    return known;
  }
}

function add(known: KnownConnection, partition: number, fence: Fence): void {
  const fences = known.fences[partition] ?? [];
  known.newestEpoch = Math.max(known.newestEpoch, fence.epoch);
  if (fences.some(({ epoch, offset }) => epoch >= fence.epoch && offset <= fence.offset)) return;
  const others = fences.filter(({ epoch, offset }) => epoch > fence.epoch || offset < fence.offset);
  known.fences[partition] = [...others, fence].toSorted((a, b) => a.epoch - b.epoch).slice(-fencesMax);
}
