/** The alert rules as data. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
}

interface RuleFile {
  readonly groups: readonly { readonly rules: readonly AlertRule[] }[];
}

export const alertRulesFile = join(import.meta.dirname, 'alerts.yml');

export const alertRules: readonly AlertRule[] = (
  parse(readFileSync(alertRulesFile, 'utf8')) as RuleFile
).groups.flatMap(({ rules }) => rules);
