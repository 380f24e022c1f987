/** What the panels of the dashboards ask, as Grafana would send it. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

export interface PanelQuery {
  readonly panel: string;
  readonly expression: string;
}

/** Instead of what Grafana computes from the chosen range. */
const variables: Readonly<Record<string, string>> = { $__rate_interval: '1m', $__range: '1h' };

export const panelQueries: readonly PanelQuery[] = globSync('dashboards/*.json', { cwd: import.meta.dirname })
  .map((file) => JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8')) as { panels: readonly Panel[] })
  .flatMap(({ panels }) => panels)
  .flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ panel: title, expression: withoutVariables(expr) })),
  );

function withoutVariables(expression: string): string {
  return Object.entries(variables).reduce((text, [name, value]) => text.replaceAll(name, value), expression);
}
