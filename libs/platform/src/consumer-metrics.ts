/** Lag and load of the batches a process handles, without asking Kafka: each batch says what was left behind it. */
import type { RecordBatch } from '@millrace/kafka';
import { type Clock, systemClock } from '@millrace/kernel';
import { common, gauge, histogram, type Metrics, type Sample } from '@millrace/observe';

const partitionLabels = ['group', 'topic', 'partition'] as const;
const batchLabels = ['group', 'topic'] as const;

/** From a lonely record to a full fetch. */
const batchRecords = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];

export const consumerMetrics = {
  lagRecords: common(
    gauge(
      'consumer_lag_records',
      'Records of a partition that are not handled, as of its latest fetch.',
      partitionLabels,
    ),
  ),
  lagSeconds: common(
    gauge('consumer_lag_seconds', 'Age of the oldest record that is not handled; 0: there is none.', partitionLabels),
  ),
  batchRecords: common(
    histogram('consumer_batch_records', 'Records of a batch that a handler got.', batchLabels, batchRecords),
  ),
  batchSeconds: common(histogram('consumer_batch_seconds', 'Time that a handler took for a batch.', batchLabels)),
} as const;

type PartitionLabel = (typeof partitionLabels)[number];

interface PartitionLag {
  readonly labels: Readonly<Record<PartitionLabel, string>>;
  /** Aborted when the partition is somebody else's: then its lag is as well. */
  readonly signal: AbortSignal;
  records: number;
  /** UTC milliseconds of the oldest record that is not handled. */
  oldestMs: number;
}

/** Called with each batch before it is handled; what it returns is called when the handler was done with the whole batch. */
export type BatchMeasure = (group: string, batch: RecordBatch) => () => void;

export function measureBatches(metrics: Metrics, clock: Clock = systemClock): BatchMeasure {
  const sizes = metrics.histogram(consumerMetrics.batchRecords);
  const times = metrics.histogram(consumerMetrics.batchSeconds);
  const lags = new Map<string, PartitionLag>();
  const samplesOf = (valueOf: (lag: PartitionLag) => number): readonly Sample<PartitionLabel>[] => {
    for (const [name, { signal }] of lags) if (signal.aborted) lags.delete(name);
    return [...lags.values()].map((lag) => ({ labels: lag.labels, value: valueOf(lag) }));
  };
  metrics.measured(consumerMetrics.lagRecords, () => samplesOf(({ records }) => records));
  metrics.measured(consumerMetrics.lagSeconds, () =>
    samplesOf(({ records, oldestMs }) => (records === 0 ? 0 : Math.max(0, clock.nowMs() - oldestMs) / 1_000)),
  );
  return (group, { topic, partition, signal, records, recordsBehind }) => {
    const labels = { group, topic, partition: String(partition) };
    const lag = {
      labels,
      signal,
      records: records.length + recordsBehind,
      oldestMs: Number(records[0]?.timestamp ?? clock.nowMs()),
    };
    lags.set(`${group} ${topic} ${partition}`, lag);
    const startMs = clock.monotonicMs();
    return () => {
      sizes.observe({ group, topic }, records.length);
      times.observe({ group, topic }, (clock.monotonicMs() - startMs) / 1_000);
      lag.records = recordsBehind;
      // What follows is not older than this.
      lag.oldestMs = Number(records.at(-1)?.timestamp ?? lag.oldestMs);
    };
  };
}
