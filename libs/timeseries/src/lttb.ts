/**
 * Largest-Triangle-Three-Buckets: the points of a course that a line through fewer of them looks most like.
 * Sveinn Steinarsson, "Downsampling Time Series for Visual Representation", 2013.
 */

export interface CoursePoint {
  readonly timeMicros: number;
  readonly value: number;
}

/**
 * `count` of the points, or all when there are no more: the first, the last, and of each stretch between them the one that
 * spans the largest triangle with the point chosen before and the mean of the next stretch. `points` in order of time.
 */
export function largestTriangles(points: readonly CoursePoint[], count: number): readonly CoursePoint[] {
  if (points.length <= count) return points;
  if (count < 3) return [points[0]!, points.at(-1)!].slice(0, count);
  const chosen = [points[0]!];
  const begin = (index: number): number => 1 + Math.floor((index * (points.length - 2)) / (count - 2));
  for (let index = 0; index < count - 2; index += 1) {
    const next = meanOf(points, begin(index + 1), Math.min(begin(index + 2), points.length));
    chosen.push(farthest(points, begin(index), begin(index + 1), chosen.at(-1)!, next));
  }
  return [...chosen, points.at(-1)!];
}

function meanOf(points: readonly CoursePoint[], from: number, to: number): CoursePoint {
  let timeMicros = 0;
  let value = 0;
  const origin = points[from]!.timeMicros;
  for (let at = from; at < to; at += 1) {
    timeMicros += (points[at]!.timeMicros - origin) / (to - from);
    value += points[at]!.value / (to - from);
  }
  return { timeMicros: origin + timeMicros, value };
}

function farthest(
  points: readonly CoursePoint[],
  from: number,
  to: number,
  before: CoursePoint,
  next: CoursePoint,
): CoursePoint {
  let found = points[from]!;
  let largest = -1;
  for (let at = from; at < to; at += 1) {
    const point = points[at]!;
    const area = Math.abs(
      (before.timeMicros - next.timeMicros) * (point.value - before.value) -
        (before.timeMicros - point.timeMicros) * (next.value - before.value),
    );
    if (area > largest) [found, largest] = [point, area];
  }
  return found;
}
