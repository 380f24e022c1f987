/**
 * Quality of values as scripts give it: the severity of OPC UA's status codes, by its name or as the number that
 * `telemetry.points.v1` has for it.
 */
import { excerptOf } from './result-members.ts';
import { UnusableResult } from './unusable-result.ts';

/** 0 good, 1 uncertain, 2 bad. */
export type Quality = 0 | 1 | 2;

const qualities = new Map<unknown, Quality>([
  ['good', 0],
  ['uncertain', 1],
  ['bad', 2],
  [0, 0],
  [1, 1],
  [2, 2],
]);

/** Throws UnusableResult for anything else than the three words and numbers. */
export function qualityOf(quality: unknown): Quality {
  const known = qualities.get(quality);
  if (known !== undefined) return known;
  throw new UnusableResult(`quality is ${excerptOf(quality)}: give 'good', 'uncertain' or 'bad', or 0, 1 or 2.`);
}
