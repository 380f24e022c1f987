/** The grades of an alarm as ITU-T X.733 names them, from none to the worst. */

export const severities = ['none', 'warning', 'minor', 'major', 'critical'] as const;

export type Severity = (typeof severities)[number];

/** Rank of "no alarm"; a higher rank is a worse grade. */
export const rankNone = 0;

/** Rank of a severity's name, 0 (none) to 4 (critical); undefined for a name we do not know. */
export function rankOf(name: string): number | undefined {
  const rank = severities.indexOf(name as Severity);
  return rank < 0 ? undefined : rank;
}

/** Name of a rank that `rankOf` gave. */
export function severityOf(rank: number): Severity {
  return severities[rank] ?? 'none';
}
