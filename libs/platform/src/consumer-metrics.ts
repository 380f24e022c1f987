/** Lag and throughput of the batches a process handles, without asking Kafka: each batch says where its partition ends. */
import type { RecordBatch } from '@millrace/kafka';
import type { Metrics } from '@millrace/observe';

interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  readonly records: number;
  /** Aborted when the partition may be somebody else's. */
  readonly signal: AbortSignal;
}

/**
 * Counts `consumed_batches_total{topic}`, `consumed_records_total{topic}` and shows `consumed_lag_records{topic,partition}`:
 * records behind the end of the partition when its latest batch came, for partitions that this process still has. Returns what is to be called with each batch.
 */
export function measureBatches(metrics: Metrics): (batch: RecordBatch) => void {
  const batches = metrics.counter('consumed_batches_total', 'Batches handed to handlers.', ['topic']);
  const records = metrics.counter('consumed_records_total', 'Records handed to handlers.', ['topic']);
  const lags = new Map<string, PartitionLag>();
  metrics.measured('consumed_lag_records', 'Records behind the end.', ['topic', 'partition'], () =>
    [...lags.values()]
      .filter(({ signal }) => !signal.aborted)
      .map(({ topic, partition, records: value }) => ({ labels: { topic, partition: String(partition) }, value })),
  );
  return (batch) => {
    const { topic, partition, highWatermark, signal } = batch;
    batches.inc({ topic });
    records.inc({ topic }, batch.records.length);
    const behind = Number(highWatermark) - Number(batch.records.at(-1)?.offset ?? 0) - 1;
    lags.set(`${topic}/${partition}`, { topic, partition, records: behind, signal });
  };
}
