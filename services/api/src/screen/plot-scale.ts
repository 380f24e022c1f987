/** Where numbers and times come to stand on a plot, and which of them are written beside it. */

export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

/** A line that varies by less is flat: ticks could not be told apart. */
const flatPart = 1e-9;
const tiny = 1e-12;

/** Round ticks over all values, about `count` of them; a flat line gets room above and below. */
export function valueScale(values: readonly number[], count: number): Scale | undefined {
  const finite = values.filter((value) => Number.isFinite(value));
  if (finite.length === 0) return undefined;
  let [low, high] = [Math.min(...finite), Math.max(...finite)];
  const magnitude = Math.max(Math.abs(low), Math.abs(high));
  if (high - low <= Math.max(magnitude * flatPart, tiny)) {
    const room = magnitude > tiny ? magnitude / 20 : 1;
    [low, high] = [low - room, high + room];
  }
  const step = roundStep((high - low) / count);
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  // Multiplying keeps the ticks round; adding would gather errors.
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => clean((first + index) * step, step));
  return { low: first * step, high: last * step, ticks };
}

const minuteMs = 60_000;
const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440].map((minutes) => minutes * minuteMs);

/** Round times of the reader's clock between the two, at most `count`. `zoneMs`: what the clock is ahead of UTC. */
export function timeTicks(fromMs: number, toMs: number, count: number, zoneMs: number): readonly number[] {
  const step = timeSteps.find((one) => (toMs - fromMs) / one <= count) ?? Math.ceil((toMs - fromMs) / count);
  const ticks: number[] = [];
  for (let at = Math.ceil((fromMs + zoneMs) / step) * step - zoneMs; at <= toMs; at += step) ticks.push(at);
  return ticks;
}

/** Devices send when they send: buckets between two values are empty, and that alone is no gap. */
const usualGaps = 4;

/** The indices that have a value, cut where it was silent for much longer than it usually is. */
export function stretchesOf(course: readonly (number | null)[]): readonly (readonly number[])[] {
  const filled = course.flatMap((value, index) => (value === null ? [] : [index]));
  const distances = filled.slice(1).map((index, before) => index - filled[before]!);
  const usual = distances.toSorted((a, b) => a - b)[Math.floor(distances.length / 2)] ?? 1;
  const stretches: number[][] = [];
  for (const index of filled) {
    const last = stretches.at(-1);
    if (last && index - last.at(-1)! <= usual * usualGaps) last.push(index);
    else stretches.push([index]);
  }
  return stretches;
}

/** SVG path through the points. Coordinates have one decimal. */
export function linePath(points: readonly (readonly [x: number, y: number])[]): string {
  return points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
}

/** 1, 2 or 5 times a power of ten, at least `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5].find((one) => one * power >= step * 0.999) ?? 10;
  return factor * power;
}

function clean(value: number, step: number): number {
  const decimals = Math.max(0, Math.ceil(-Math.log10(step)) + 1);
  return Number(value.toFixed(Math.min(20, decimals)));
}
