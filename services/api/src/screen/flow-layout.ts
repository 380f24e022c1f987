/** Where the boxes of the flow stand: side by side on a wide screen, one below the other on a narrow one. */
import { arrows, type BoxId } from './flow-model.ts';

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface FlowLayout {
  readonly width: number;
  readonly height: number;
  readonly boxWidth: number;
  readonly boxHeight: number;
  readonly places: Readonly<Record<BoxId, Place>>;
  readonly direction: 'right' | 'down';
}

/** Column and row of a wide picture; a narrow one has them the other way round. */
const grid: Readonly<Record<BoxId, readonly [column: number, row: number]>> = {
  devices: [0, 1],
  gateway: [1, 0],
  'client-manager': [1, 1],
  api: [1, 2],
  raw: [2, 1],
  parser: [3, 1],
  points: [4, 1],
  historian: [5, 0],
  'alarm-evaluator': [5, 2],
  stores: [6, 0],
  alarms: [6, 2],
  notifier: [7, 2],
};

function layout(
  size: {
    readonly boxWidth: number;
    readonly boxHeight: number;
    readonly columnStep: number;
    readonly rowStep: number;
  },
  direction: FlowLayout['direction'],
): FlowLayout {
  const { boxWidth, boxHeight, columnStep, rowStep } = size;
  const margin = 2;
  const placeOf = ([column, row]: readonly [number, number]): Place =>
    direction === 'right'
      ? { x: margin + column * columnStep, y: margin + row * rowStep }
      : { x: margin + row * columnStep, y: margin + column * rowStep };
  const places = Object.fromEntries(Object.entries(grid).map(([id, at]) => [id, placeOf(at)])) as FlowLayout['places'];
  const all = Object.values(places);
  return {
    width: Math.max(...all.map(({ x }) => x)) + boxWidth + margin,
    height: Math.max(...all.map(({ y }) => y)) + boxHeight + margin,
    boxWidth,
    boxHeight,
    places,
    direction,
  };
}

export const wideLayout = layout({ boxWidth: 128, boxHeight: 76, columnStep: 153, rowStep: 85 }, 'right');
export const narrowLayout = layout({ boxWidth: 115, boxHeight: 76, columnStep: 119, rowStep: 94 }, 'down');

export interface ArrowPath {
  readonly key: string;
  readonly path: string;
}

/** Curves from box to box, which end where the arrow head begins. */
export function arrowPaths({ places, boxWidth, boxHeight, direction }: FlowLayout): readonly ArrowPath[] {
  const headLength = 5;
  return arrows.map(([from, to]) => {
    const [a, b] = [places[from], places[to]];
    if (direction === 'right') {
      const [x1, y1] = [a.x + boxWidth, a.y + boxHeight / 2];
      const [x2, y2] = [b.x - headLength, b.y + boxHeight / 2];
      const middle = (x1 + x2) / 2;
      return { key: `${from} ${to}`, path: `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}` };
    }
    const [x1, y1] = [a.x + boxWidth / 2, a.y + boxHeight];
    const [x2, y2] = [b.x + boxWidth / 2, b.y - headLength];
    const middle = (y1 + y2) / 2;
    return { key: `${from} ${to}`, path: `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}` };
  });
}
