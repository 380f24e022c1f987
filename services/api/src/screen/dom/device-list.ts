/** The devices of the tenant; only those that can be seen on the screen are asked for. */
import type { ApiClient } from '../api-client.ts';
import type { Alarms, Device, Product } from '../answer-types.ts';
import { DeviceRow, type OnOpenSignal } from './device-row.ts';
import { html, setText } from './element.ts';
import { courseOf } from './sparkline.ts';

/** As many as the api answers at once. */
const askedMax = 50;
export const courseMs = 15 * 60_000;
const courseBuckets = 60;

export class DeviceList {
  readonly #api: ApiClient;
  readonly #place: HTMLElement;
  readonly #count: HTMLElement;
  readonly #more: HTMLButtonElement;
  readonly #onOpen: OnOpenSignal;
  readonly #onAppear: () => void;
  readonly #rows = new Map<string, DeviceRow>();
  readonly #devices = new Map<string, Device>();
  readonly #visible = new Set<string>();
  readonly #watcher: IntersectionObserver;
  #products: readonly Product[] = [];
  #alarmed = new Map<string, Set<string>>();
  #after: string | null = null;
  #wanted = '';

  /** `onAppear`: devices came into sight that have not been asked for. */
  constructor(api: ApiClient, parts: DeviceListParts) {
    this.#api = api;
    this.#place = parts.place;
    this.#count = parts.count;
    this.#more = parts.more;
    this.#onOpen = parts.onOpen;
    this.#onAppear = parts.onAppear;
    this.#watcher = new IntersectionObserver((seen) => this.#onSeen(seen), { rootMargin: '100px' });
    this.#more.onclick = () => void this.#loadMore();
  }

  get devices(): readonly Device[] {
    return [...this.#devices.values()];
  }

  unitOf(device: Device, signal: string): string {
    const product = this.#products.find(({ productId }) => productId === device.productId);
    return product?.signals.find((one) => one.name === signal)?.unit ?? '';
  }

  /** Reads the first page again and whatever was loaded beyond it is read when it is asked for. */
  async refresh(): Promise<void> {
    const [page, { items: products }] = await Promise.all([this.#api.devices(null), this.#api.products()]);
    const changed = JSON.stringify(products) !== JSON.stringify(this.#products);
    this.#products = products;
    const beyond =
      page.next === null
        ? []
        : this.devices.filter(({ deviceUid }) => deviceUid > (page.items.at(-1)?.deviceUid ?? ''));
    const wanted = [...page.items, ...beyond];
    if (!changed && JSON.stringify(wanted) === JSON.stringify(this.devices)) return;
    if (beyond.length === 0) this.#after = page.next;
    this.#replace(wanted);
  }

  filter(text: string): void {
    this.#wanted = text.trim().toLowerCase();
    for (const row of this.#rows.values()) row.element.hidden = !row.text.includes(this.#wanted);
    this.#showCount();
  }

  markAlarms({ alarms }: Alarms): void {
    this.#alarmed = new Map();
    for (const { device, signal } of alarms)
      this.#alarmed.set(device, (this.#alarmed.get(device) ?? new Set()).add(signal));
  }

  async refreshLatest(): Promise<void> {
    const asked = this.#asked();
    if (asked.length === 0) return;
    const { devices } = await this.#api.latest(asked);
    const nowMs = Date.now();
    for (const { device, signals } of devices)
      this.#rows.get(device)?.showLatest(signals, this.#alarmed.get(device) ?? new Set(), nowMs);
  }

  async refreshCourses(): Promise<void> {
    const asked = this.#asked();
    if (asked.length === 0) return;
    const nowMs = Date.now();
    const { trends } = await this.#api.trends(asked, nowMs - courseMs, nowMs, courseBuckets);
    for (const uid of asked) {
      const own = trends.filter(({ device }) => device === uid);
      this.#rows.get(uid)?.showCourses(new Map(own.map(({ signal, mean }) => [signal, courseOf(mean)])));
    }
  }

  stop(): void {
    this.#watcher.disconnect();
  }

  #asked(): readonly string[] {
    return [...this.#visible].slice(0, askedMax);
  }

  async #loadMore(): Promise<void> {
    this.#more.disabled = true;
    try {
      const page = await this.#api.devices(this.#after);
      this.#after = page.next;
      this.#replace([...this.devices, ...page.items]);
    } finally {
      this.#more.disabled = false;
    }
  }

  #replace(devices: readonly Device[]): void {
    this.#watcher.disconnect();
    this.#visible.clear();
    this.#rows.clear();
    this.#devices.clear();
    for (const device of devices) {
      const product = this.#products.find(({ productId }) => productId === device.productId)?.name ?? device.productId;
      const row = new DeviceRow(device, product, (signal) => this.unitOf(device, signal), this.#onOpen);
      this.#rows.set(device.deviceUid, row);
      this.#devices.set(device.deviceUid, device);
    }
    const none = html('p', { class: 'empty' }, 'This tenant has no devices yet; create one with POST /v1/devices.');
    const elements = [...this.#rows.values()].map(({ element }) => element);
    this.#place.replaceChildren(...(elements.length > 0 ? elements : [none]));
    for (const element of elements) this.#watcher.observe(element);
    this.#more.hidden = this.#after === null;
    this.filter(this.#wanted);
  }

  #showCount(): void {
    const shown = [...this.#rows.values()].filter(({ element }) => !element.hidden).length;
    setText(this.#count, shown === this.#rows.size ? String(shown) : `${shown} of ${this.#rows.size}`);
  }

  #onSeen(seen: readonly IntersectionObserverEntry[]): void {
    let appeared = false;
    for (const { target, isIntersecting } of seen) {
      const uid = (target as HTMLElement).dataset['uid'] ?? '';
      if (isIntersecting) {
        this.#visible.add(uid);
        appeared = true;
      } else this.#visible.delete(uid);
    }
    if (appeared) this.#onAppear();
  }
}

export interface DeviceListParts {
  readonly place: HTMLElement;
  readonly count: HTMLElement;
  readonly more: HTMLButtonElement;
  readonly onOpen: OnOpenSignal;
  readonly onAppear: () => void;
}
