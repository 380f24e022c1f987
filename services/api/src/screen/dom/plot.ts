/** A plot with axes: the mean as a line in the band from lowest to highest, and the limits of alarms. */
import { clockText, dateText, numberText, unitSign } from '../format.ts';
import { linePath, type Scale, stretchesOf, timeTicks, valueScale } from '../plot-scale.ts';
import { svg } from './element.ts';

export interface PlotSeries {
  readonly fromMs: number;
  readonly bucketMs: number;
  readonly mean: readonly (number | null)[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

export interface PlotLimit {
  readonly value: number;
  readonly severity: string;
}

const height = 280;
const margin = { left: 58, right: 12, top: 24, bottom: 28 };
const dayMs = 86_400_000;

/** Undefined: there is no number to plot. `width` in CSS pixels. */
export function plot(series: PlotSeries, limits: readonly PlotLimit[], unit: string, width: number) {
  const { fromMs, bucketMs, mean, low, high } = series;
  const numbers = [...low, ...high].filter((value) => value !== null);
  const values = valueScale([...numbers, ...limitsNear(limits, numbers)], 5);
  if (numbers.length === 0 || !values) return undefined;
  const toMs = fromMs + bucketMs * mean.length;
  const xOf = (ms: number): number =>
    margin.left + ((ms - fromMs) / (toMs - fromMs)) * (width - margin.left - margin.right);
  const yOf = (value: number): number =>
    margin.top + (1 - (value - values.low) / (values.high - values.low)) * (height - margin.top - margin.bottom);
  const middleOf = (index: number): number => xOf(fromMs + (index + 0.5) * bucketMs);
  const stretches = stretchesOf(mean);
  const pathOf = (course: readonly (number | null)[], indices: readonly number[]): string =>
    linePath(indices.map((index) => [middleOf(index), yOf(course[index] ?? 0)]));
  const bandOf = (indices: readonly number[]): string =>
    `${pathOf(high, indices)}${pathOf(low, indices.toReversed()).replace('M', 'L')}Z`;
  return svg(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      class: 'plot',
      role: 'img',
      'aria-label': summary(series, unit),
    },
    ...valueAxis(values, unit, width, yOf),
    ...timeAxis(fromMs, toMs, width, xOf),
    ...limits
      .filter(({ value }) => value >= values.low && value <= values.high)
      .map((one) => limitLine(one, width, yOf)),
    svg('path', { class: 'plot-band', d: stretches.map(bandOf).join('') }),
    svg('path', { class: 'plot-line', d: stretches.map((one) => pathOf(mean, one)).join('') }),
  );
}

/** A limit far away would press the values into a line: only those within reach stretch the axis. */
function limitsNear(limits: readonly PlotLimit[], numbers: readonly number[]): readonly number[] {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const reach = Math.max(high - low, Math.abs(high) / 5);
  return limits.map(({ value }) => value).filter((value) => value >= low - reach && value <= high + reach);
}

function valueAxis({ ticks }: Scale, unit: string, width: number, yOf: (value: number) => number): SVGElement[] {
  const lines = ticks.flatMap((tick) => [
    svg('line', { class: 'grid', x1: margin.left, x2: width - margin.right, y1: yOf(tick), y2: yOf(tick) }),
    svg('text', { class: 'tick', x: margin.left - 8, y: yOf(tick) + 4, 'text-anchor': 'end' }, numberText(tick)),
  ]);
  return [...lines, svg('text', { class: 'unit', x: margin.left - 8, y: 12, 'text-anchor': 'end' }, unitSign(unit))];
}

function timeAxis(fromMs: number, toMs: number, width: number, xOf: (ms: number) => number): SVGElement[] {
  const zoneMs = -new Date(fromMs).getTimezoneOffset() * 60_000;
  const count = Math.max(2, Math.floor(width / 90));
  return timeTicks(fromMs, toMs, count, zoneMs).flatMap((at) => {
    const time = new Date(at);
    const text = toMs - fromMs > dayMs ? dateText(time) : clockText(time.toISOString(), at).slice(0, 5);
    return [
      svg('line', { class: 'grid', x1: xOf(at), x2: xOf(at), y1: margin.top, y2: height - margin.bottom }),
      svg('text', { class: 'tick', x: xOf(at), y: height - 8, 'text-anchor': 'middle' }, text),
    ];
  });
}

function limitLine({ value, severity }: PlotLimit, width: number, yOf: (value: number) => number): SVGElement {
  const y = yOf(value);
  return svg(
    'g',
    { class: `limit ${severity}` },
    svg('line', { x1: margin.left, x2: width - margin.right, y1: y, y2: y }),
    svg('text', { x: margin.left + 4, y: y - 4 }, `${severity} ${numberText(value)}`),
  );
}

/** For who does not see it. */
export function summary({ mean, low, high }: Pick<PlotSeries, 'mean' | 'low' | 'high'>, unit: string): string {
  const numbers = (course: readonly (number | null)[]): number[] => course.filter((value) => value !== null);
  const last = numbers(mean).at(-1);
  if (last === undefined) return 'No numbers in this time.';
  const [lowest, highest] = [Math.min(...numbers(low)), Math.max(...numbers(high))];
  const sign = unitSign(unit);
  return `Lowest ${numberText(lowest)}, highest ${numberText(highest)}, last ${numberText(last)} ${sign}`.trim();
}
