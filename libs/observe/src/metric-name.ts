/** The naming rule of metrics, checked when one is made. */

/** What a metric may end with: `total` for counters, else a base unit or the thing counted; add here what is missing. */
const units = ['total', 'info', 'seconds', 'bytes', 'ratio', 'state'];
const things = [
  'messages',
  'records',
  'rows',
  'points',
  'devices',
  'connections',
  'partitions',
  'jobs',
  'breakers',
  'tables',
  'instances',
];
const endings = [...units, ...things];

/** Labels whose values somebody outside chooses: each value would be a time series for ever. */
const unboundedLabels = ['tenant', 'device', 'deviceUid', 'messageId'];

/** Metrics whose owner shows only so many tenants, and the others as one. */
const cappedByTheirOwner = ['quota_held_off_messages_total'];

/** Throws one sentence that says how to name it. */
export function checkMetricName(name: string, labelNames: readonly string[]): void {
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)+$/.test(name))
    throw new Error(`Metric ${name}: name it <what>_<unit|total> in lower case.`);
  if (!endings.includes(name.slice(name.lastIndexOf('_') + 1)))
    throw new Error(`Metric ${name}: end its name with one of ${endings.join(', ')}.`);
  if (cappedByTheirOwner.includes(name)) return;
  const unbounded = labelNames.find((label) => unboundedLabels.includes(label));
  if (unbounded !== undefined) throw new Error(`Metric ${name}: label ${unbounded} has no bound; leave it out.`);
}
