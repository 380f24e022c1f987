/** Writes `docs/metrics.md` from the definitions of the metrics. `--check` fails on drift. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CatalogueEntry, metricCatalogue } from './metric-catalogue.ts';

const target = join(import.meta.dirname, '..', '..', 'docs', 'metrics.md');

const introduction = `# Metrics

Every service answers \`GET /metrics\` on its port for operators in Prometheus's text format. The tables are generated from the definitions
(\`node --conditions=@millrace/source infra/tools/metrics-reference.ts\`).

- Names are \`millrace_<what>\` where all services share them, else \`millrace_<service>_<what>\`. They end with the base unit (\`_seconds\`) or what is counted
  (\`_records\`); counters end with \`_total\`. The target's labels \`service\` and \`instance\` come from the scrape configuration (\`infra/prometheus\`).
- No label has values that grow with devices, tenants or time.
- Nothing is measured per message: counters are added to per batch, and gauges are read when Prometheus asks.
- The process itself is there under its usual names: \`process_cpu_seconds_total\`, \`process_resident_memory_bytes\`, \`process_open_fds\`,
  \`process_start_time_seconds\`, \`nodejs_eventloop_lag_seconds\`, \`nodejs_gc_duration_seconds\` and others of prom-client.
`;

const document = render(await metricCatalogue());
if (!process.argv.includes('--check')) writeFileSync(target, document);
else if (readFileSync(target, 'utf8') !== document) throw new Error(`${target} is out of date.`);

function render(entries: readonly CatalogueEntry[]): string {
  const sections = [...Map.groupBy(entries, ({ service }) => service)].map(
    ([service, members]) => `## ${service === undefined ? 'Every service' : service}\n\n${table(members)}\n`,
  );
  return [introduction, ...sections].join('\n');
}

function table(entries: readonly CatalogueEntry[]): string {
  const rows = entries.map(({ name, definition: { type, labels, help } }) =>
    [`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(', '), help.replaceAll(/[<>|]/g, '\\$&')].join(
      ' | ',
    ),
  );
  return ['| metric | type | labels | meaning |', '|---|---|---|---|', ...rows.map((row) => `| ${row} |`)].join('\n');
}
