/** The flow as a picture of boxes and arrows, and all numbers behind it as a table. */
import type { Flow } from '../answer-types.ts';
import { arrowPaths, type FlowLayout, narrowLayout, wideLayout } from '../flow-layout.ts';
import { type Box, type FlowModel, flowModel } from '../flow-model.ts';
import { countText, rateText } from '../format.ts';
import { html, setText, svg } from './element.ts';

const lineHeight = 16;
const titleY = 21;
const linesMax = 2;
const thinnest = 1;
const thickest = 5;

interface DrawnBox {
  readonly group: SVGGElement;
  readonly lines: readonly SVGTextElement[];
  readonly loss: SVGTextElement;
}

export class FlowPicture {
  readonly #place: HTMLElement;
  readonly #table: HTMLTableSectionElement;
  readonly #narrow = window.matchMedia('(max-width: 820px)');
  #boxes = new Map<string, DrawnBox>();
  #arrows = new Map<string, SVGPathElement>();
  #picture: SVGSVGElement | undefined;
  #flow: Flow | undefined;

  constructor(place: HTMLElement, table: HTMLTableSectionElement) {
    this.#place = place;
    this.#table = table;
    this.#draw();
    this.#narrow.addEventListener('change', () => this.#draw());
  }

  /** Returns what is wrong, in sentences. */
  show(flow: Flow): readonly string[] {
    this.#flow = flow;
    const model = flowModel(flow);
    for (const box of model.boxes) this.#showBox(box);
    for (const [key, rate] of model.arrows) this.#arrows.get(key)?.setAttribute('stroke-width', String(widthOf(rate)));
    this.#picture?.setAttribute('aria-label', spoken(model));
    this.#showTable(flow);
    return model.problems;
  }

  #draw(): void {
    const layout = this.#narrow.matches ? narrowLayout : wideLayout;
    const head = svg('path', { d: 'M0 0L6 3L0 6z', class: 'arrow-head' });
    const marker = { id: 'head', viewBox: '0 0 6 6', refX: 1, refY: 3, orient: 'auto', markerUnits: 'userSpaceOnUse' };
    const definitions = svg('defs', {}, svg('marker', { ...marker, markerWidth: 8, markerHeight: 8 }, head));
    this.#arrows = new Map(
      arrowPaths(layout).map(({ key, path }) => [
        key,
        svg('path', { d: path, class: 'arrow', 'marker-end': 'url(#head)' }),
      ]),
    );
    this.#boxes = new Map(flowModel(nothingKnown).boxes.map((box) => [box.id, drawnBox(box, layout)]));
    const size = { viewBox: `0 0 ${layout.width} ${layout.height}`, role: 'img', 'aria-label': 'The flow of messages' };
    const groups = [...this.#boxes.values()].map(({ group }) => group);
    this.#picture = svg('svg', size, definitions, ...this.#arrows.values(), ...groups);
    this.#place.replaceChildren(this.#picture);
    if (this.#flow) this.show(this.#flow);
  }

  #showBox(box: Box): void {
    const drawn = this.#boxes.get(box.id);
    if (!drawn) return;
    drawn.group.setAttribute('class', `box ${box.kind} ${box.state}`);
    for (const [index, line] of drawn.lines.entries()) setText(line, box.lines[index] ?? '');
    setText(drawn.loss, box.loss);
  }

  #showTable({ hops }: Flow): void {
    const rows = hops.map((hop) => [
      hop.service,
      hop.hop,
      rateText(hop.inPerSecond),
      rateText(hop.outPerSecond),
      ...[hop.in, hop.out, hop.inFlight, hop.repeated, hop.rejected, hop.parked, hop.deadLettered].map(countText),
    ]);
    for (const [index, cells] of rows.entries()) {
      const row = this.#table.rows[index] ?? this.#table.insertRow();
      for (const [column, text] of cells.entries()) setText(row.cells[column] ?? row.insertCell(), text);
    }
    while (this.#table.rows.length > rows.length) this.#table.deleteRow(-1);
  }
}

/** Before the first answer the boxes stand empty. */
const nothingKnown: Flow = { at: '', services: [], hops: [], lags: [], stores: [] };

function drawnBox(box: Box, { places, boxWidth, boxHeight }: FlowLayout): DrawnBox {
  const { x, y } = places[box.id];
  const shape = svg('rect', { width: boxWidth, height: boxHeight, rx: box.kind === 'topic' ? 18 : 5, class: 'shape' });
  const mark = svg('rect', { width: 4, height: boxHeight - 16, x: 0, y: 8, class: 'mark' });
  const textX = box.kind === 'topic' ? 14 : 10;
  const title = svg('text', { x: textX, y: titleY, class: 'title' }, box.title);
  const lines = Array.from({ length: linesMax }, (_, index) =>
    svg('text', { x: textX, y: titleY + 1 + lineHeight * (index + 1), class: index === 0 ? 'rate' : 'line' }),
  );
  const loss = svg('text', { x: textX, y: titleY + 1 + lineHeight * (linesMax + 1), class: 'loss' });
  const group = svg(
    'g',
    { transform: `translate(${x} ${y})`, class: `box ${box.kind}` },
    shape,
    mark,
    title,
    ...lines,
    loss,
  );
  return { group, lines, loss };
}

/** Thicker for every factor of ten. */
function widthOf(rate: number | undefined): number {
  return rate === undefined || rate <= 0 ? thinnest : Math.min(thickest, thinnest + Math.log10(1 + rate));
}

function spoken({ boxes, problems }: FlowModel): string {
  const parts = boxes
    .filter(({ lines }) => lines.length > 0)
    .map(({ title, lines }) => `${title}: ${lines.join(', ')}`);
  return ['The flow of messages.', ...problems, `${parts.join('; ')}.`].join(' ');
}

/** The head of the table of all hops. */
export function flowTableHead(): HTMLTableRowElement {
  const names = ['Service', 'Hop', 'In', 'Out', 'In, sum', 'Out, sum', 'In flight', 'Repeated', 'Rejected', 'Parked'];
  const cells = [...names, 'Dead letters'].map((name) => html('th', { scope: 'col' }, name));
  return html('tr', {}, ...cells);
}
