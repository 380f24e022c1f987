/** One device with its signals: name, latest value, course, age. */
import type { Device, Point } from '../answer-types.ts';
import { agoText, clockText, numberText, valueText, withUnit } from '../format.ts';
import { html, setText } from './element.ts';
import { type Course, Sparkline } from './sparkline.ts';

export interface SignalInfo {
  readonly name: string;
  readonly unit: string;
}

interface SignalCell {
  readonly button: HTMLButtonElement;
  readonly value: HTMLElement;
  readonly range: HTMLElement;
  readonly spark: Sparkline;
  readonly unit: string;
}

export type OnOpenSignal = (device: Device, signal: SignalInfo) => void;

/** A device that sends every few seconds and has not for this long is worth a look. */
const silentMs = 60_000;

export class DeviceRow {
  readonly element: HTMLElement;
  readonly #device: Device;
  readonly #unitOf: (signal: string) => string;
  readonly #onOpen: OnOpenSignal;
  readonly #age = html('span', { class: 'age' });
  readonly #signals = html('div', { class: 'signals' });
  readonly #cells = new Map<string, SignalCell>();
  /** Kept for signals whose first value comes later. */
  #courses: ReadonlyMap<string, Course | undefined> = new Map();

  constructor(device: Device, productName: string, unitOf: (signal: string) => string, onOpen: OnOpenSignal) {
    this.#device = device;
    this.#unitOf = unitOf;
    this.#onOpen = onOpen;
    const name = html('h3', {}, device.name || device.deviceUid);
    const about = html('p', { class: 'about', title: productName }, `${device.deviceUid} · ${productName}`);
    const state = device.state === 'disabled' ? [html('span', { class: 'disabled' }, 'disabled')] : [];
    const head = html('div', { class: 'device-head' }, name, about, html('p', {}, this.#age, ...state));
    this.element = html('article', { class: 'device', 'data-uid': device.deviceUid }, head, this.#signals);
    setText(this.#age, '…');
  }

  get text(): string {
    return `${this.#device.name} ${this.#device.deviceUid} ${this.#device.productId}`.toLowerCase();
  }

  showLatest(signals: Readonly<Record<string, Point>>, alarmed: ReadonlySet<string>, nowMs: number): void {
    let newest = '';
    for (const [name, { value, time }] of Object.entries(signals)) {
      const cell = this.#cells.get(name) ?? this.#add(name);
      setText(cell.value, valueText(value, cell.unit));
      if (typeof value === 'string') cell.value.title = value;
      cell.button.classList.toggle('alarmed', alarmed.has(name));
      if (time > newest) newest = time;
    }
    if (newest === '') return setText(this.#age, 'no values yet');
    setText(this.#age, agoText(newest, nowMs));
    this.#age.title = clockText(newest, nowMs);
    this.#age.classList.toggle('silent', nowMs - Date.parse(newest) > silentMs);
  }

  showCourses(courses: ReadonlyMap<string, Course | undefined>): void {
    this.#courses = courses;
    for (const [name, cell] of this.#cells) this.#showCourse(name, cell);
  }

  #showCourse(name: string, { spark, range, unit }: SignalCell): void {
    const course = this.#courses.get(name);
    spark.show(course);
    setText(range, course ? `${numberText(course.low)} – ${withUnit(numberText(course.high), unit)}` : '');
  }

  #add(name: string): SignalCell {
    const unit = this.#unitOf(name);
    const [value, range, spark] = [html('span', { class: 'value' }), html('span', { class: 'range' }), new Sparkline()];
    const label = html('span', { class: 'signal' }, name);
    const button = html('button', { type: 'button', class: 'cell' }, label, value, spark.element, range);
    button.title = 'Open the plot';
    button.addEventListener('click', () => this.#onOpen(this.#device, { name, unit }));
    const cell = { button, value, range, spark, unit };
    this.#cells.set(name, cell);
    this.#showCourse(name, cell);
    const order = [...this.#cells.keys()].toSorted();
    this.#signals.replaceChildren(...order.map((one) => this.#cells.get(one)!.button));
    return cell;
  }
}
