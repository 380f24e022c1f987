/** One signal at full size, over a time that the person chooses. */
import type { ApiClient } from '../api-client.ts';
import type { Device, Limits } from '../answer-types.ts';
import { intervalText } from '../format.ts';
import type { SignalInfo } from './device-row.ts';
import { byId, html, setText } from './element.ts';
import { plot, type PlotLimit, summary } from './plot.ts';
import { Polling } from './polling.ts';

const hourMs = 3_600_000;
const spans = { '15 min': hourMs / 4, '1 h': hourMs, '6 h': 6 * hourMs, '24 h': 24 * hourMs, '7 d': 168 * hourMs };
type SpanName = keyof typeof spans;

/** A bucket for every few pixels. */
const pixelsPerBucket = 4;
const bucketsMax = 300;
const refreshMs = 5_000;

export class SignalDialog {
  readonly #api: ApiClient;
  readonly #dialog = byId<HTMLDialogElement>('signal');
  readonly #plot = byId('signal-plot');
  readonly #summary = byId('signal-summary');
  #span: SpanName = '15 min';
  #shown: { readonly device: Device; readonly signal: SignalInfo; readonly limits: Limits } | undefined;
  #polling: Polling | undefined;

  constructor(api: ApiClient) {
    this.#api = api;
    byId('signal-close').onclick = () => this.#dialog.close();
    this.#dialog.onclose = () => this.#polling?.stop();
    byId('signal-spans').replaceChildren(...(Object.keys(spans) as SpanName[]).map((name) => this.#spanButton(name)));
  }

  open(device: Device, signal: SignalInfo): void {
    setText(byId('signal-title'), `${device.name || device.deviceUid} · ${signal.name}`);
    setText(this.#summary, '');
    setText(byId('signal-rules'), '');
    this.#plot.replaceChildren();
    this.#shown = { device, signal, limits: { rules: [] } };
    this.#dialog.showModal();
    this.#polling?.stop();
    this.#polling = new Polling({
      everyMs: refreshMs,
      ask: () => this.#refresh(),
      onFailure: (error) => setText(this.#summary, error.message),
    });
    void this.#loadLimits(device, signal);
  }

  close(): void {
    this.#dialog.close();
  }

  async #loadLimits(device: Device, signal: SignalInfo): Promise<void> {
    const limits = await this.#api.limits(device.deviceUid).catch(() => undefined);
    if (!limits || this.#shown?.device !== device || this.#shown.signal !== signal) return;
    const rules = limits.rules.filter((rule) => rule.signal === signal.name);
    this.#shown = { device, signal, limits: { rules } };
    const texts = rules.map(
      ({ name, grades }) =>
        `${name}: ${grades.map((one) => `${one.severity} ${intervalText(one.low, one.high, signal.unit)}`).join(', ')}`,
    );
    setText(byId('signal-rules'), texts.join('. '));
    this.#polling?.now();
  }

  async #refresh(): Promise<void> {
    const shown = this.#shown;
    if (!shown) return;
    const { device, signal } = shown;
    const nowMs = Date.now();
    const width = Math.max(280, this.#plot.clientWidth);
    const buckets = Math.min(bucketsMax, Math.floor(width / pixelsPerBucket));
    const fromMs = nowMs - spans[this.#span];
    const { trends, bucketMs } = await this.#api.trends([device.deviceUid], fromMs, nowMs, buckets);
    if (this.#shown?.signal !== signal) return;
    const course = trends.find((one) => one.signal === signal.name);
    const picture = course && plot({ fromMs, bucketMs, ...course }, limitsOf(this.#shown.limits), signal.unit, width);
    const none = html('p', { class: 'empty' }, 'No numbers in this time.');
    this.#plot.replaceChildren(picture ?? none);
    setText(this.#summary, course ? summary(course, signal.unit) : '');
  }

  #spanButton(name: SpanName): HTMLButtonElement {
    const button = html('button', { type: 'button', 'aria-pressed': String(name === this.#span) }, name);
    button.onclick = () => {
      this.#span = name;
      for (const other of byId('signal-spans').children) other.setAttribute('aria-pressed', String(other === button));
      this.#polling?.now();
    };
    return button;
  }
}

/** Each bound once, where the grade begins for who comes from the good side. */
function limitsOf({ rules }: Limits): readonly PlotLimit[] {
  return rules.flatMap(({ grades }) =>
    grades.flatMap(({ severity, low, high }) => {
      const value = low ?? high;
      return value === null ? [] : [{ severity, value }];
    }),
  );
}
