/** Lines over the time of a run as inline SVG, with the interruptions as marks behind them. */
import type { InterruptionResult } from './proof.ts';

export interface Series {
  readonly name: string;
  /** CSS class: its colour. */
  readonly className: string;
  /** In order of time; gaps (null) are left open. */
  readonly points: readonly PlotPoint[];
}

export interface PlotPoint {
  readonly atMs: number;
  readonly value: number | null;
}

export interface Plot {
  readonly title: string;
  readonly endMs: number;
  readonly series: readonly Series[];
  readonly interruptions: readonly InterruptionResult[];
}

const width = 1_080;
const height = 220;
const margin = { left: 64, right: 8, top: 10, bottom: 26 };
/** More are not to be told apart on a screen, and would make a long run's page large. */
const pointsMax = 540;
const ticksMax = 10;
/** Distance of a mark's label from its left edge; narrower marks have none. */
const labelPixels = 5;

export function plotSvg({ title, endMs, series, interruptions }: Plot): string {
  const reduced = series.map((one) => ({ ...one, points: averaged(one.points, endMs) }));
  const valueMax = niceCeiling(Math.max(1, ...reduced.flatMap(({ points }) => points.map(({ value }) => value ?? 0))));
  const x = (ms: number): number => margin.left + (ms / Math.max(1, endMs)) * (width - margin.left - margin.right);
  const y = (value: number): number =>
    height - margin.bottom - (value / valueMax) * (height - margin.top - margin.bottom);
  return [
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">`,
    ...interruptions.map((one) => mark(one, x)),
    ...[0, 0.5, 1].map((share) => horizontal(share * valueMax, y)),
    ...timeTicks(endMs).map((ms) => tick(ms, x)),
    ...reduced.map(({ className, points }) => `<path class="${className}" d="${pathOf(points, x, y)}"/>`),
    '</svg>',
  ].join('\n');
}

function mark(
  { atMs, kind, victim, frozenMs, backAfterMs, work }: InterruptionResult,
  x: (ms: number) => number,
): string {
  const lasts = frozenMs + (backAfterMs ?? 0);
  const text = `${clock(atMs)} ${kind} ${victim}: ${work ?? 'no work in flight'}`;
  const [left, breadth] = [x(atMs), Math.max(1.5, x(atMs + lasts) - x(atMs))];
  const [top, tall] = [margin.top, height - margin.top - margin.bottom];
  const box = `x="${short(left)}" y="${top}" width="${short(breadth)}" height="${tall}"`;
  const label = `<text class="victim" transform="translate(${short(left + labelPixels)} ${top + 4}) rotate(90)">${victim}</text>`;
  return `<rect class="${kind}" ${box}><title>${text}</title></rect>${breadth > labelPixels * 2 ? label : ''}`;
}

function horizontal(value: number, y: (value: number) => number): string {
  const at = short(y(value));
  const label = `<text class="value" x="${margin.left - 8}" y="${at}">${value.toLocaleString('en-US')}</text>`;
  return `<path class="grid" d="M${margin.left} ${at}H${width - margin.right}"/>${label}`;
}

function tick(ms: number, x: (ms: number) => number): string {
  return `<text class="time" x="${short(x(ms))}" y="${height - 8}">${clock(ms)}</text>`;
}

/** Steps as people read them: 10 s to some minutes. */
function timeTicks(endMs: number): number[] {
  const stepsMs = [10, 30, 60, 120, 300, 600, 1_800].map((seconds) => seconds * 1_000);
  const stepMs = stepsMs.find((one) => endMs / one <= ticksMax) ?? Math.ceil(endMs / ticksMax);
  return Array.from({ length: Math.floor(endMs / stepMs) + 1 }, (_, index) => index * stepMs);
}

/** One point for each of `pointsMax` pieces of time: the mean of what is there. */
function averaged(points: readonly PlotPoint[], endMs: number): PlotPoint[] {
  if (points.length <= pointsMax) return [...points];
  const pieces = Map.groupBy(points, ({ atMs }) => Math.floor((atMs / endMs) * pointsMax));
  return [...pieces.values()].map((piece) => {
    const values = piece.flatMap(({ value }) => (value === null ? [] : [value]));
    const value = values.length === 0 ? null : values.reduce((sum, one) => sum + one, 0) / values.length;
    return { atMs: piece[0]!.atMs, value };
  });
}

function pathOf(points: readonly PlotPoint[], x: (ms: number) => number, y: (value: number) => number): string {
  let isOpen = false;
  return points
    .map(({ atMs, value }) => {
      const command = isOpen ? 'L' : 'M';
      isOpen = value !== null;
      return value === null ? '' : `${command}${short(x(atMs))} ${short(y(value))}`;
    })
    .join('');
}

/** 1, 2 or 5 times a power of ten. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= value) ?? value;
}

const short = (value: number): string => String(Math.round(value * 10) / 10);

export function clock(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
