/** The way of one message, step by step, with the time since it was sent. */
import type { JourneyStep } from '../answer-types.ts';
import { clockText, valueText } from '../format.ts';
import { html, setText } from './element.ts';

type StepName = JourneyStep['step'];

interface Stage {
  readonly element: HTMLLIElement;
  readonly time: HTMLElement;
  readonly detail: HTMLElement;
}

/** What every message passes; the others appear when they happen. */
const usual = {
  accepted: 'Accepted',
  raw: 'Raw topic',
  points: 'Decoded points',
  stored: 'Stored in QuestDB',
  evaluated: 'Alarms evaluated',
} as const satisfies Partial<Record<StepName, string>>;

/** By the reason why a message is parked. */
const parkingTexts: Readonly<Record<string, string>> = {
  slow: 'its script is slow',
  budget: 'the tenant has used up its CPU time',
  order: 'earlier messages of the device are waiting',
};

export class JourneyView {
  readonly element = html('ol', { class: 'journey', 'aria-live': 'polite' });
  readonly #unitOf: (signal: string) => string;
  readonly #stages = new Map<StepName, Stage>();
  #sentMs: number | undefined;

  constructor(unitOf: (signal: string) => string) {
    this.#unitOf = unitOf;
    for (const [step, title] of Object.entries(usual))
      this.#stages.set(step as StepName, this.#append(title, 'pending'));
  }

  show(step: JourneyStep): void {
    switch (step.step) {
      case 'accepted':
        this.#sentMs = Date.parse(step.sentAt);
        return this.#pass(step, `${step.bytes} bytes · message ${step.messageId}`);
      case 'raw':
        return this.#pass(
          step,
          `partition ${step.partition}, offset ${step.offset}${besides(step.index, step.messages)}`,
        );
      case 'points':
        return this.#pass(step, this.#pointsText(step));
      case 'stored':
        return this.#pass(step, `${step.rows} row${step.rows === 1 ? '' : 's'} seen in ${step.table}`);
      case 'evaluated':
        return this.#pass(
          step,
          step.transitions === 0
            ? 'no alarm changed'
            : `${step.transitions} alarm${step.transitions === 1 ? '' : 's'} changed`,
        );
      case 'alarm': {
        const value = valueText(step.value, this.#unitOf(step.signal));
        const change = step.transition === 'changed' ? `changed from ${step.severityBefore} to` : step.transition;
        const grade = step.transition === 'cleared' ? `(${step.severityBefore})` : step.severity;
        const text = `${step.ruleName}: ${step.signal} is ${value}`;
        const alarm = this.#add(`Alarm ${change} ${grade}`, text, step.at, step.severity);
        // It was written before it was seen that the evaluation is committed.
        this.#stages.get('evaluated')?.element.before(alarm);
        return;
      }
      case 'notified':
        return void this.#add(
          `Notification ${step.outcome}`,
          `${step.channel} to ${step.recipient}`,
          step.at,
          step.outcome,
        );
      case 'parked':
        return this.#stages
          .get('points')
          ?.element.before(this.#add('Parked', parkingTexts[step.reason] ?? step.reason, step.at, 'warning'));
      case 'dead-letter':
        return void this.#add(
          'Dead letter',
          `${step.detail} (${step.code}, ${step.stage}, in ${step.topic})`,
          step.at,
          'failed',
        );
      case 'ended':
        return this.end(step.waitingFor.length === 0 ? undefined : `Not seen in 30 s: ${step.waitingFor.join(', ')}.`);
    }
  }

  /** What has not come does not come any more; `reason` says why, for a person. */
  end(reason: string | undefined): void {
    for (const { element, detail } of this.#stages.values())
      if (element.className === 'pending') {
        element.className = 'missing';
        setText(detail, 'not seen');
      }
    if (reason !== undefined) this.element.append(html('li', { class: 'note' }, reason));
  }

  #pass(step: JourneyStep, text: string): void {
    const stage = this.#stages.get(step.step);
    if (!stage) return;
    stage.element.className = 'passed';
    this.#time(stage, step.at);
    setText(stage.detail, text);
  }

  #add(title: string, text: string, at: string, state: string): HTMLLIElement {
    const stage = this.#append(title, `passed ${state}`);
    this.#time(stage, at);
    setText(stage.detail, text);
    return stage.element;
  }

  #time({ time }: Stage, at: string): void {
    const ms = this.#sentMs === undefined ? 0 : Math.max(0, Date.parse(at) - this.#sentMs);
    setText(time, ms < 10_000 ? `+${ms} ms` : `+${(ms / 1_000).toFixed(1)} s`);
    time.title = clockText(at, Date.now());
  }

  #append(title: string, state: string): Stage {
    const [time, detail] = [html('span', { class: 'step-time' }), html('span', { class: 'step-detail' })];
    if (state === 'pending') setText(detail, 'waiting …');
    const element = html('li', { class: state }, html('span', { class: 'step-title' }, title), time, detail);
    this.element.append(element);
    return { element, time, detail };
  }

  #pointsText({ rows, rowsTotal, script, warnings }: Extract<JourneyStep, { step: 'points' }>): string {
    const values = rows.map(({ signal, value }) => `${signal} ${valueText(value, this.#unitOf(signal))}`).join(' · ');
    const more = rowsTotal > rows.length ? ` and ${rowsTotal - rows.length} more` : '';
    const by = script === '' ? '' : ` (by ${script})`;
    const warned = warnings.length > 0 ? ` Warnings: ${warnings.join('; ')}` : '';
    return `${rowsTotal === 0 ? 'no values' : values}${more}${by}${warned}`;
  }
}

function besides(index: number, messages: number): string {
  return messages === 1 ? '' : `, ${index + 1} of ${messages} messages in the record`;
}
