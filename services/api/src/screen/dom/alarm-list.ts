/** The active alarms, the worst first. */
import type { Alarm, Alarms } from '../answer-types.ts';
import { clockText, durationText, intervalText, valueText } from '../format.ts';
import { html, setText } from './element.ts';

export class AlarmList {
  readonly #place: HTMLElement;
  readonly #count: HTMLElement;
  readonly #onOpen: (device: string, signal: string) => void;
  #shown = '';

  constructor(place: HTMLElement, count: HTMLElement, onOpen: (device: string, signal: string) => void) {
    this.#place = place;
    this.#count = count;
    this.#onOpen = onOpen;
  }

  show({ alarms, total }: Alarms, nowMs: number): void {
    setText(this.#count, String(total));
    this.#count.classList.toggle('some', total > 0);
    const identity = JSON.stringify([
      total,
      alarms.map(({ alarmId, severity, deviceName }) => [alarmId, severity, deviceName]),
    ]);
    if (identity !== this.#shown) this.#build(alarms, total);
    this.#shown = identity;
    for (const [index, item] of [...this.#place.querySelectorAll('.alarm')].entries()) {
      const alarm = alarms[index];
      if (!alarm) continue;
      setText(item.querySelector('.alarm-value')!, alarm.latest ? valueText(alarm.latest.value, alarm.unit) : '–');
      const since = `since ${clockText(alarm.since, nowMs)} (${durationText(nowMs - Date.parse(alarm.since))})`;
      setText(item.querySelector('.alarm-since')!, since);
    }
  }

  #build(alarms: readonly Alarm[], total: number): void {
    const items = alarms.map((alarm) => this.#item(alarm));
    const more = total - alarms.length;
    this.#place.replaceChildren(
      ...(items.length === 0 ? [html('p', { class: 'empty' }, 'No alarm is active.')] : [html('ul', {}, ...items)]),
      ...(more > 0 ? [html('p', { class: 'hint' }, `and ${more} more`)] : []),
    );
  }

  #item({ severity, ruleName, device, deviceName, signal, low, high, unit }: Alarm): HTMLLIElement {
    const open = html(
      'button',
      { type: 'button', class: `alarm ${severity}` },
      html('span', { class: `severity ${severity}` }, severity),
      html('span', { class: 'alarm-rule' }, ruleName),
      html('span', { class: 'alarm-value' }),
      html('span', { class: 'alarm-where' }, `${deviceName || device} · ${signal} ${intervalText(low, high, unit)}`),
      html('span', { class: 'alarm-since' }),
    );
    open.addEventListener('click', () => this.#onOpen(device, signal));
    return html('li', {}, open);
  }
}
