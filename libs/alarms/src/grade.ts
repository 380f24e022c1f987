/** Which grade a value is in, given the grade before: the whole arithmetic of interval alarms. */
import type { CompiledGrade, CompiledRule } from './rule-plan.ts';
import { rankNone } from './severity.ts';

/** The worst grade whose interval holds the value; undefined: none does. */
export function gradeAt(rule: CompiledRule, value: number): CompiledGrade | undefined {
  const { grades } = rule;
  for (let index = 0; index < grades.length; index++) {
    const grade = grades[index] as CompiledGrade;
    if (value >= grade.low && value < grade.high) return grade;
  }
  return undefined;
}

/**
 * Rank after a value. A worse or equal grade is taken at once; a lower one (or none) only when the value is outside every
 * interval of the present grade by at least the deadband.
 */
export function rankAfter(rule: CompiledRule, rank: number, value: number): number {
  const next = gradeAt(rule, value)?.rank ?? rankNone;
  if (next >= rank) return next;
  return leaves(rule, rank, value) ? next : rank;
}

function leaves({ grades, deadband }: CompiledRule, rank: number, value: number): boolean {
  for (let index = 0; index < grades.length; index++) {
    const grade = grades[index] as CompiledGrade;
    if (grade.rank === rank && !isOutsideBy(grade, value, deadband)) return false;
  }
  return true;
}

/** Compares distances: exactly the deadband leaves, on either side. */
function isOutsideBy({ low, high }: CompiledGrade, value: number, deadband: number): boolean {
  return value < low ? low - value >= deadband : value >= high && value - high >= deadband;
}
