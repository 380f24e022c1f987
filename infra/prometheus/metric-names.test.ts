import { expect, test } from 'vitest';
import { metricNamesIn } from './metric-names.ts';

test.each([
  ['up', ['up']],
  ['sum by (service, hop) (rate(a_total{end="in",x=~"b|c"}[5m])) > 0', ['a_total']],
  ['a_bytes{x="y"} / b_bytes < 0.1', ['a_bytes', 'b_bytes']],
  ['max(a_seconds) > 1.5e+09 and max(a_seconds offset 5m) unless on (service) b_state == 1', ['a_seconds', 'b_state']],
  ['histogram_quantile(0.99, sum by (le) (rate(a_seconds_bucket[1m])))', ['a_seconds_bucket']],
  ['count(a == 0) or vector(0)', ['a']],
])('%s asks for %j', (expression, names) => {
  expect(metricNamesIn(expression)).toEqual(names);
});
