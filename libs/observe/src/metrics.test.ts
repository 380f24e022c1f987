import { expect, test } from 'vitest';
import { exportBreakers, type GuardedPeer } from './breaker-metrics.ts';
import { common, counter, gauge, histogram } from './metric-definition.ts';
import { Metrics } from './metrics.ts';

test('every name begins with millrace and the service, or with millrace alone where all services share it', async () => {
  const metrics = new Metrics('alarm-evaluator');
  metrics.counter(counter('rules_read_total', 'Rules.')).inc(2);
  metrics.gauge(common(gauge('lag_seconds', 'Lag.'))).set(3);
  metrics.histogram(histogram('flush_seconds', 'Flush.')).observe(0.004);
  const text = await metrics.registry.metrics();
  expect(text).toContain('millrace_alarm_evaluator_rules_read_total 2');
  expect(text).toContain('millrace_lag_seconds 3');
  expect(text).toContain('millrace_alarm_evaluator_flush_seconds_bucket{le="0.005"} 1');
});

test('a metric kept elsewhere is read when it is asked for', async () => {
  const metrics = new Metrics('gateway');
  let held = 1;
  const samples = (value: number) => [{ labels: { queue: 'raw' }, value }];
  metrics.measured(gauge('queue_messages', 'Held.', ['queue']), () => samples(held));
  metrics.counted(counter('seen_total', 'Seen.', ['queue']), () => Promise.resolve(samples(held * 10)));
  for (held of [4, 5]) {
    const text = await metrics.registry.metrics();
    expect(text).toContain(`millrace_gateway_queue_messages{queue="raw"} ${held}`);
    expect(text).toContain(`millrace_gateway_seen_total{queue="raw"} ${held * 10}`);
  }
});

test.each(['rows', 'rowsStored_total', 'rows-stored_total', '_total', 'flush_ms', 'memory_megabytes'])(
  'the name %s breaks the rule',
  (name) => {
    expect(() => gauge(name, 'Wrong.')).toThrow(`Metric ${name}`);
  },
);

test.each(['tenant', 'device'])('the label %s would grow for ever', (label) => {
  expect(() => gauge('open_connections', 'Open.', [label])).toThrow('no bound');
});

test('a name is taken once', () => {
  const metrics = new Metrics('gateway');
  metrics.counter(counter('seen_total', 'Seen.'));
  expect(() => metrics.counter(counter('seen_total', 'Seen.'))).toThrow('seen_total');
});

test('the process itself is measured under the usual names', async () => {
  const metrics = new Metrics('gateway');
  metrics.collectProcess();
  expect(await metrics.registry.metrics()).toContain('process_cpu_seconds_total');
});

test('breakers are counted by peer and state, and a peer without one shows zeros', async () => {
  const metrics = new Metrics('notifier');
  let guarded: readonly GuardedPeer[] = [];
  exportBreakers(metrics, ['email'], () => guarded);
  expect(await metrics.registry.metrics()).toContain('millrace_peer_breakers{peer="email",state="open"} 0');
  guarded = [
    { peer: 'email', state: 'open' },
    { peer: 'email', state: 'open' },
    { peer: 'email', state: 'closed' },
  ];
  const text = await metrics.registry.metrics();
  expect(text).toContain('millrace_peer_breakers{peer="email",state="open"} 2');
  expect(text).toContain('millrace_peer_breakers{peer="email",state="closed"} 1');
});
