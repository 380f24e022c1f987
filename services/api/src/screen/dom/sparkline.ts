/** A course of values in the size of a word. */
import { linePath, stretchesOf } from '../plot-scale.ts';
import { svg } from './element.ts';

const width = 84;
const height = 26;
const margin = 2;
/** What varies by less is drawn as nearly flat: noise must not look like news. */
const flatPart = 0.002;

export interface Course {
  readonly mean: readonly (number | null)[];
  readonly low: number;
  readonly high: number;
}

/** Undefined: no numbers in this time. */
export function courseOf(mean: readonly (number | null)[]): Course | undefined {
  const numbers = mean.filter((value) => value !== null);
  if (numbers.length === 0) return undefined;
  return { mean, low: Math.min(...numbers), high: Math.max(...numbers) };
}

export class Sparkline {
  readonly element: SVGSVGElement;
  readonly #line = svg('path', { class: 'spark-line' });
  readonly #end = svg('circle', { r: 2, class: 'spark-end' });

  /** What it shows is said in words beside it. */
  constructor() {
    this.element = svg('svg', { viewBox: `0 0 ${width} ${height}`, class: 'spark', 'aria-hidden': 'true' });
    this.element.append(this.#line, this.#end);
    this.show(undefined);
  }

  show(course: Course | undefined): void {
    const { mean, low, high } = course ?? { mean: [], low: 0, high: 0 };
    const span = Math.max(high - low, (Math.abs(high) + Math.abs(low)) * flatPart) || 1;
    const middle = (high + low) / 2;
    const yOf = (value: number): number => height / 2 - ((value - middle) / span) * (height - 2 * margin);
    const step = (width - 2 * margin) / Math.max(1, mean.length - 1);
    const stretches = stretchesOf(mean).map((stretch) =>
      stretch.map((index) => [margin + index * step, yOf(mean[index] ?? 0)] as const),
    );
    this.#line.setAttribute('d', stretches.map(linePath).join(''));
    const end = stretches.at(-1)?.at(-1);
    const [x, y] = end ?? [0, 0];
    this.#end.classList.toggle('none', end === undefined);
    this.#end.setAttribute('cx', x.toFixed(1));
    this.#end.setAttribute('cy', y.toFixed(1));
  }
}
