/** What may be committed while late rows of earlier batches still wait: one ledger entry for each batch of a partition. */
import { AckLedger } from '@millrace/kernel';
import type { RecordBatch } from '@millrace/kafka';

export class PartitionProgress {
  /** By assignment, which the signal stands for: what was held is forgotten with it and read again by the next owner. */
  readonly #ledgers = new WeakMap<AbortSignal, Map<string, AckLedger>>();

  /**
   * The batch has been read; batches of a partition come in order. The returned function says, once, that all of it is
   * stored, and settles what can be: this batch and those before it, as far as nothing before it is missing.
   */
  begin(batch: RecordBatch): () => void {
    const ledger = this.#ledgerOf(batch);
    const last = BigInt(batch.records.at(-1)!.offset);
    ledger.take(last);
    return () => {
      ledger.settle(last);
      if (ledger.committable !== undefined) batch.settleBefore(ledger.committable);
    };
  }

  #ledgerOf({ signal, topic, partition }: RecordBatch): AckLedger {
    const ofAssignment = this.#ledgers.get(signal) ?? new Map<string, AckLedger>();
    this.#ledgers.set(signal, ofAssignment);
    const name = `${topic}/${partition}`;
    const ledger = ofAssignment.get(name) ?? new AckLedger();
    ofAssignment.set(name, ledger);
    return ledger;
  }
}
