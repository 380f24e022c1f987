import { expect, test } from 'vitest';
import { Metrics } from './metrics.ts';

test('every name begins with millrace and the service', async () => {
  const metrics = new Metrics('alarm-evaluator');
  metrics.counter('rules_read_total', 'Rules.').inc(2);
  metrics.gauge('lag_seconds', 'Lag.').set(3);
  metrics.histogram('flush_seconds', 'Flush.').observe(0.004);
  const text = await metrics.registry.metrics();
  expect(text).toContain('millrace_alarm_evaluator_rules_read_total 2');
  expect(text).toContain('millrace_alarm_evaluator_lag_seconds 3');
  expect(text).toContain('millrace_alarm_evaluator_flush_seconds_bucket{le="0.005"} 1');
});

test('a metric kept elsewhere is read when it is asked for', async () => {
  const metrics = new Metrics('gateway');
  let held = 1;
  metrics.measured('queue_messages', 'Held.', ['queue'], () => [{ labels: { queue: 'raw' }, value: held }]);
  metrics.counted('seen_total', 'Seen.', ['queue'], () => [{ labels: { queue: 'raw' }, value: held * 10 }]);
  for (held of [4, 5]) {
    const text = await metrics.registry.metrics();
    expect(text).toContain(`millrace_gateway_queue_messages{queue="raw"} ${held}`);
    expect(text).toContain(`millrace_gateway_seen_total{queue="raw"} ${held * 10}`);
  }
});

test.each(['rows', 'rowsStored_total', 'rows-stored_total', '_total', 'flush_ms', 'memory_megabytes'])(
  'the name %s breaks the rule',
  (name) => {
    expect(() => new Metrics('gateway').gauge(name, 'Wrong.')).toThrow(`Metric ${name}`);
  },
);

test.each(['tenant', 'device'])('the label %s would grow for ever', (label) => {
  expect(() => new Metrics('gateway').gauge('open_connections', 'Open.', [label])).toThrow('no bound');
});

test('a name is taken once', () => {
  const metrics = new Metrics('gateway');
  metrics.counter('seen_total', 'Seen.');
  expect(() => metrics.counter('seen_total', 'Seen.')).toThrow('seen_total');
});

test('the process itself is measured under the usual names', async () => {
  const metrics = new Metrics('gateway');
  metrics.collectProcess();
  expect(await metrics.registry.metrics()).toContain('process_cpu_seconds_total');
});
