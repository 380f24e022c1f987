/** Promises: each alert fires when it should and stays silent when it should not, and says what to do. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from '../stack/run-command.ts';
import { root } from '../stack/service-launch.ts';
import { Toolchain } from '../stack/toolchain/toolchain.ts';
import { alertRules } from './alert-rules.ts';

const here = import.meta.dirname;
const promtool = await new Toolchain().promtool();

test('Prometheus understands its configuration and the rules', async () => {
  const answer = await runCommand(promtool, ['check', 'config', join(here, 'prometheus.yml')]);
  expect(answer).toContain(`${alertRules.length} rules found`);
});

test('the rules fire and stay silent as their cases say', async () => {
  await runCommand(promtool, ['test', 'rules', join(here, 'alerts.test.yml')]);
});

test('every alert has a case in which it fires', () => {
  const cases = readFileSync(join(here, 'alerts.test.yml'), 'utf8');
  for (const { alert } of alertRules)
    expect(cases, alert).toMatch(new RegExp(`alertname: ${alert}\\n\\s+exp_alerts:\\n\\s+- exp_labels`));
});

test('every alert names its section of the runbooks, and no section is about an alert that is no more', () => {
  const runbooks = readFileSync(join(root, 'docs', 'runbooks.md'), 'utf8');
  const sections = [...runbooks.matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
  expect(sections).toEqual(alertRules.map(({ alert }) => alert));
  for (const { alert, annotations } of alertRules)
    expect(annotations.runbook_url).toBe(`docs/runbooks.md#${alert.toLowerCase()}`);
});
