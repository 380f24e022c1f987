import type { RecordBatch } from '@millrace/kafka';
import { Metrics } from '@millrace/observe';
import { expect, test } from 'vitest';
import { measureBatches } from './consumer-metrics.ts';

function batch(partition: number, signal: AbortSignal): RecordBatch {
  return {
    topic: 'telemetry.raw.v1',
    partition,
    highWatermark: '10',
    records: [{ offset: '4', key: null, value: null, timestamp: '0' }],
    signal,
    settle: () => {},
    settleBefore: () => {},
    commit: () => Promise.resolve(),
    heartbeat: () => Promise.resolve(),
  };
}

test('the lag of a partition that went to another process is no longer shown', async () => {
  const metrics = new Metrics('parser');
  const measured = measureBatches(metrics);
  const assignment = new AbortController();
  measured(batch(0, assignment.signal));
  measured(batch(1, assignment.signal));
  const lag = 'millrace_parser_consumed_lag_records{topic="telemetry.raw.v1",partition=';
  expect(await metrics.registry.metrics()).toContain(`${lag}"1"} 5`);
  assignment.abort();
  measured(batch(0, new AbortController().signal));
  const text = await metrics.registry.metrics();
  expect(text).toContain(`${lag}"0"} 5`);
  expect(text).not.toContain(`${lag}"1"}`);
});
