/** What every service shows beside its hops and consumers. */
import { readFileSync } from 'node:fs';
import type { RecordProducer } from '@millrace/kafka';
import { common, gauge, type Metrics } from '@millrace/observe';
import type { Readiness } from './readiness.ts';

export const platformMetrics = {
  build: common(gauge('build_info', 'Always 1; the version that runs.', ['version'])),
  ready: common(gauge('service_ready_state', 'Whether the service takes work: 1, or 0 with reasons at /health/ready.')),
  producerWaiting: common(
    gauge('producer_waiting_records', 'Records handed to the producer that Kafka has not confirmed.'),
  ),
} as const;

/** The packages have one version; this one's manifest is beside `src` and `dist`. */
const manifest = new URL('../package.json', import.meta.url);

/** What is known from the first moment. */
export function exportService(metrics: Metrics, readiness: Readiness): void {
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  metrics.gauge(platformMetrics.build).set({ version }, 1);
  metrics.measured(platformMetrics.ready, () => [
    { labels: {}, value: Object.keys(readiness.reasons()).length === 0 ? 1 : 0 },
  ]);
}

export function exportProducer(metrics: Metrics, producer: RecordProducer): void {
  metrics.measured(platformMetrics.producerWaiting, () => [{ labels: {}, value: producer.waitingRecords }]);
}
