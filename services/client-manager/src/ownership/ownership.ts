/**
 * Which connections this instance runs. The fleet asks and obeys: it opens what became ours and closes what is not ours any more,
 * and says so, because only then somebody else may have it.
 */
import type { RawBatch } from '@millrace/contracts';
import type { OwnerLease } from '@millrace/ingest';

/** One connection under one epoch. */
export interface Owned extends OwnerLease {
  /** `tenant/connectionId` */
  readonly key: string;
  readonly epoch: number;
  /**
   * Sets the fences and confirms the claim, once; only after it resolves may records of this epoch be written. Called when the
   * connector has connected: from then on no former owner is sent anything. Rejects with `lease_lost`. `origin`: of those records.
   */
  confirm(origin: Omit<RawBatch, 'messages'>): Promise<void>;
}

export interface Ownership {
  /** Counts the changes of what `of` answers. */
  readonly version: number;
  /** Undefined: this instance does not own it. */
  of(key: string): Owned | undefined;
  /** Something is open for it, until `closed`. */
  opened(owned: Owned): void;
  /** Nothing is open for it any more. Resolves when somebody else may know. */
  closed(owned: Owned): Promise<void>;
}
