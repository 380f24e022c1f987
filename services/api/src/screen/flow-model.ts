/** What the picture of the flow shows: from the api's answer to boxes with numbers, and what is wrong in sentences. */
import type { Flow, Hop } from './answer-types.ts';
import { countText, rateText } from './format.ts';

export const boxIds = [
  'devices',
  'gateway',
  'client-manager',
  'api',
  'raw',
  'parser',
  'points',
  'historian',
  'alarm-evaluator',
  'stores',
  'alarms',
  'notifier',
] as const;

export type BoxId = (typeof boxIds)[number];

export interface Box {
  readonly id: BoxId;
  readonly title: string;
  readonly kind: 'outside' | 'service' | 'topic' | 'store';
  readonly state: 'well' | 'waiting' | 'down';
  /** The first is the number that counts; the others are smaller. */
  readonly lines: readonly string[];
  /** What was refused or put aside, in words; empty: nothing, because zeros everywhere would hide it. */
  readonly loss: string;
}

export interface FlowModel {
  readonly boxes: readonly Box[];
  /** Messages per second over the arrow, by `from to`; undefined: not known. */
  readonly arrows: ReadonlyMap<string, number | undefined>;
  /** What a person should know at once, the worst first. */
  readonly problems: readonly string[];
}

/** Arrows from one box to the next. */
export const arrows: readonly (readonly [BoxId, BoxId])[] = [
  ['devices', 'gateway'],
  ['devices', 'client-manager'],
  ['gateway', 'raw'],
  ['client-manager', 'raw'],
  ['api', 'raw'],
  ['raw', 'parser'],
  ['parser', 'points'],
  ['points', 'historian'],
  ['points', 'alarm-evaluator'],
  ['historian', 'stores'],
  ['alarm-evaluator', 'alarms'],
  ['alarms', 'notifier'],
];

const titles: Readonly<Record<BoxId, string>> = {
  devices: 'Devices',
  gateway: 'Gateway',
  'client-manager': 'Client manager',
  api: 'By hand',
  raw: 'Raw topic',
  parser: 'Parser',
  points: 'Points topic',
  historian: 'Historian',
  'alarm-evaluator': 'Alarm evaluator',
  stores: 'QuestDB, Redis',
  alarms: 'Alarm topic',
  notifier: 'Notifier',
};

/** Hops that are on the main way, by where it begins and ends; others of the same service are in the table only. */
const mainHops: Readonly<Partial<Record<BoxId, Readonly<Record<'in' | 'out', readonly string[]>>>>> = {
  parser: { in: ['parse'], out: ['parse', 'parse-parked'] },
  historian: { in: ['store'], out: ['store'] },
};

const services = ['gateway', 'client-manager', 'parser', 'historian', 'alarm-evaluator', 'notifier'] as const;
type ServiceBox = (typeof services)[number];

const isInPicture = (name: string): boolean => services.some((id) => id === name);

/** `statistics-scheduler` is Statistics scheduler; one that was never seen has no name. */
function spoken(name: string): string {
  if (name === 'unknown') return 'Service that was never seen';
  return (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll('-', ' ');
}

export function flowModel(flow: Flow): FlowModel {
  const view = new FlowView(flow);
  return { boxes: boxIds.map((id) => view.box(id)), arrows: view.arrows(), problems: view.problems() };
}

class FlowView {
  readonly #flow: Flow;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  box(id: BoxId): Box {
    const title = titles[id];
    switch (id) {
      case 'devices':
        return {
          id,
          title,
          kind: 'outside',
          state: 'well',
          lines: [rateText(this.#taken('gateway', 'client-manager'))],
          loss: '',
        };
      case 'api':
        return { id, title, kind: 'outside', state: 'well', lines: [rateText(this.#rate(id, 'in'))], loss: '' };
      case 'raw':
        return this.#topic(id, this.#given('gateway', 'client-manager', 'api'));
      case 'points':
        return this.#topic(id, this.#given('parser'));
      case 'alarms':
        return { ...this.#topic(id, undefined), lines: [] };
      case 'stores':
        return this.#stores();
      case 'gateway':
      case 'client-manager':
      case 'parser':
      case 'historian':
      case 'alarm-evaluator':
      case 'notifier':
        return this.#service(id);
    }
  }

  arrows(): ReadonlyMap<string, number | undefined> {
    const rateOf = (from: BoxId, to: BoxId): number | undefined => {
      if (from === 'devices') return this.#rate(to, 'in');
      if (to === 'alarms') return this.#rate('notifier', 'in');
      if (from === 'raw' || from === 'points' || from === 'alarms') return this.#rate(to, 'in');
      return this.#rate(from, 'out');
    };
    return new Map(arrows.map(([from, to]) => [`${from} ${to}`, rateOf(from, to)]));
  }

  problems(): readonly string[] {
    const away = this.#flow.stores.filter(({ answers }) => !answers).map(({ name }) => `${name} does not answer.`);
    const others = this.#flow.services.map(({ service }) => service).filter((name) => this.#isOutside(name));
    const all = [
      ...services.map((id) => [id, titles[id]] as const),
      ...others.map((name) => [name, spoken(name)] as const),
    ];
    const down = all.flatMap(([id, title]) => {
      const { instances, answering } = this.#instances(id);
      if (answering === 0) return [`The ${title.toLowerCase()} does not answer.`];
      return answering < instances
        ? [`${answering} of ${instances} instances of the ${title.toLowerCase()} answer.`]
        : [];
    });
    const waiting = all.flatMap(([id, title]) => this.#instances(id).waiting.map((reason) => `${title}: ${reason}`));
    return [...away, ...down, ...waiting];
  }

  #service(id: ServiceBox): Box {
    const { answering, waiting } = this.#instances(id);
    const state = answering === 0 ? 'down' : waiting.length > 0 ? 'waiting' : 'well';
    if (state === 'down')
      return { id, title: titles[id], kind: 'service', state, lines: ['no answer', ...this.#lagLine(id)], loss: '' };
    const lines = [rateText(this.#rate(id, 'in')), ...this.#lagLine(id)];
    return { id, title: titles[id], kind: 'service', state, lines, loss: this.#loss(id) };
  }

  #topic(id: BoxId, rate: number | undefined): Box {
    const isAway = this.#flow.stores.some(({ name, answers }) => name === 'Kafka' && !answers);
    const lines = isAway ? ['no answer'] : [rateText(rate)];
    return { id, title: titles[id], kind: 'topic', state: isAway ? 'down' : 'well', lines, loss: '' };
  }

  #stores(): Box {
    const away = this.#flow.stores.filter(({ name, answers }) => name !== 'Kafka' && !answers).map(({ name }) => name);
    const state = away.length > 0 ? 'down' : 'well';
    const lines = away.length > 0 ? ['no answer', away.join(', ')] : [rateText(this.#rate('historian', 'out'))];
    return { id: 'stores', title: titles.stores, kind: 'store', state, lines, loss: '' };
  }

  #lagLine(id: ServiceBox): string[] {
    const lags = this.#flow.lags?.filter(({ service }) => service === id) ?? [];
    if (lags.length === 0) return [];
    return [`lag ${countText(lags.reduce((sum, { records }) => sum + records, 0))}`];
  }

  #loss(id: ServiceBox): string {
    const hops = this.#hops(id);
    const sum = (of: (hop: Hop) => number): number => hops.reduce((total, hop) => total + of(hop), 0);
    const rejected = sum((hop) => hop.rejected);
    const letters = sum((hop) => hop.deadLettered);
    const words = [
      ...(letters > 0 ? [`${countText(letters)} dead letter${letters === 1 ? '' : 's'}`] : []),
      ...(rejected > 0 ? [`${countText(rejected)} rejected`] : []),
    ];
    return words.join(', ');
  }

  /** What was never seen is one of the picture while one of these was not. */
  #isOutside(name: string): boolean {
    if (name === 'unknown') return services.every((id) => this.#instances(id).instances > 0);
    return !isInPicture(name);
  }

  #instances(id: string) {
    return (
      this.#flow.services.find(({ service }) => service === id) ?? {
        instances: 0,
        answering: 0,
        waiting: [] as string[],
      }
    );
  }

  #hops(id: BoxId): readonly Hop[] {
    return this.#flow.hops.filter(({ service }) => service === id);
  }

  #rate(id: BoxId, end: 'in' | 'out'): number | undefined {
    const main = mainHops[id]?.[end];
    const rates = this.#hops(id)
      .filter(({ hop }) => main === undefined || main.includes(hop))
      .map((hop) => (end === 'in' ? hop.inPerSecond : hop.outPerSecond));
    return rates.includes(null) ? undefined : rates.reduce((sum: number, rate) => sum + (rate ?? 0), 0);
  }

  #taken(...ids: readonly BoxId[]): number | undefined {
    return added(ids.map((id) => this.#rate(id, 'in')));
  }

  #given(...ids: readonly BoxId[]): number | undefined {
    return added(ids.map((id) => this.#rate(id, 'out')));
  }
}

function added(rates: readonly (number | undefined)[]): number | undefined {
  return rates.includes(undefined) ? undefined : rates.reduce((sum: number, rate) => sum + (rate ?? 0), 0);
}
