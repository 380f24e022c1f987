/** Rules compiled once for all devices that share them: signal → thresholds, ready for one comparison per point. */
import { type AlarmRuleConfig, type FieldError, MillraceError } from '@millrace/contracts';
import { rankNone, rankOf } from './severity.ts';

/** One interval `low <= value < high`; an open end is infinite. */
export interface CompiledGrade {
  readonly rank: number;
  readonly low: number;
  readonly high: number;
}

export interface CompiledRule {
  readonly config: AlarmRuleConfig;
  /** Place of this rule's state in a device's states. */
  readonly slot: number;
  /** Worst first; grades of the same rank in the order of the configuration. */
  readonly grades: readonly CompiledGrade[];
  readonly deadband: number;
}

/** All rules of a device; devices with the same rules share one plan. */
export interface RulePlan {
  readonly rules: readonly CompiledRule[];
  readonly bySignal: ReadonlyMap<string, readonly CompiledRule[]>;
}

/** Compiles rules whose thresholds make sense; `configuration_invalid` names the first rule that does not. */
export function compileRules(configs: readonly AlarmRuleConfig[]): RulePlan {
  const rules = configs.map(compileRule);
  const bySignal = new Map<string, CompiledRule[]>();
  for (const rule of rules) {
    const sameSignal = bySignal.get(rule.config.signal);
    if (sameSignal) sameSignal.push(rule);
    else bySignal.set(rule.config.signal, [rule]);
  }
  return { rules, bySignal };
}

/** What is wrong with the thresholds of a rule; empty when `compileRules` takes it. */
export function ruleErrors({ grades, deadband }: Pick<AlarmRuleConfig, 'grades' | 'deadband'>): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (grades.length === 0) errors.push({ field: 'grades', code: 'too_few', detail: 'Give at least one grade.' });
  if (!(deadband >= 0 && Number.isFinite(deadband))) {
    errors.push({ field: 'deadband', code: 'out_of_range', detail: 'Give a finite deadband of at least 0.' });
  }
  for (const [index, { severity, low, high }] of grades.entries()) {
    const field = `grades[${index}]`;
    const rank = rankOf(severity);
    if (rank === undefined || rank === rankNone) {
      const detail = 'Give warning, minor, major or critical.';
      errors.push({ field: `${field}.severity`, code: 'unknown', detail });
    }
    if (!((low ?? -Infinity) < (high ?? Infinity))) {
      errors.push({ field, code: 'empty_interval', detail: 'Give a low bound that is smaller than the high bound.' });
    }
  }
  return errors;
}

function compileRule(config: AlarmRuleConfig, slot: number): CompiledRule {
  const errors = ruleErrors(config);
  if (errors.length > 0) {
    const detail = `Correct the alarm rule ${config.tenant}/${config.ruleId}: ${errors[0]?.field}: ${errors[0]?.detail}`;
    throw new MillraceError('configuration_invalid', detail, { errors });
  }
  const grades = config.grades.map(({ severity, low, high }) => ({
    rank: rankOf(severity) ?? rankNone,
    low: low ?? -Infinity,
    high: high ?? Infinity,
  }));
  return { config, slot, grades: grades.toSorted((a, b) => b.rank - a.rank), deadband: config.deadband };
}
