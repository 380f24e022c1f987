/** What people and programs ask about many devices: lists, searches, single ones, changes, and their values. */
import { randomInt } from 'node:crypto';
import { Percentiles } from '../percentiles.ts';
import { signals } from '../standard-load.ts';
import type { ApiBenchOptions } from './options.ts';
import { aimMs, type ChangeFigures, type QuestionFigures } from './api-report.ts';
import { askRepeatedly } from './ask-repeatedly.ts';
import { fleetDevice, productIds } from './fleet.ts';
import { historyDevices } from './feed.ts';
import { Connections, liveAfterMs, type Question, type Subject } from './subject.ts';

type Options = Pick<ApiBenchOptions, 'devices' | 'clients' | 'seconds'>;

/** Devices in one question for latest values; what one question may have. */
const latestDevices = 1_000;
const itemsPerPageMax = 1_000;
const seriesPerQuestion = 100;
const pointsPerSeries = 400;

export async function measureQuestions(
  subject: Subject,
  options: Options,
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<readonly QuestionFigures[]> {
  const cursors = await cursorsOf(subject);
  const figures: QuestionFigures[] = [];
  for (const [name, next] of Object.entries(questionsOf(options.devices, cursors))) {
    progress(`asking: ${name}`);
    figures.push({
      name,
      aimMs: name.startsWith('range') ? null : aimMs,
      ...(await askRepeatedly(subject, options, next, signal)),
    });
  }
  return figures;
}

/** One change after the other: how long its answer takes, and how long it is then until every service has it. */
export async function measureChanges(
  subject: Subject,
  { devices, changes }: { readonly devices: number; readonly changes: number },
): Promise<ChangeFigures> {
  const connections = new Connections(subject.api, subject.key, 1);
  const answerMs = new Percentiles();
  const liveMs = new Percentiles();
  try {
    for (let change = 0; change < changes; change += 1) {
      const startedMs = performance.now();
      const { position, status } = await connections.ask(patchOf(someDevice(devices), `Changed ${change}`));
      answerMs.add(performance.now() - startedMs);
      if (position === undefined) throw new Error(`A change was answered with ${status}.`);
      liveMs.add(await liveAfterMs(connections, position));
    }
  } finally {
    connections.close();
  }
  const of = (one: Percentiles) => ({ p50: one.at(0.5), p99: one.at(0.99), max: one.at(1) });
  return { changes, answerMs: of(answerMs), liveAfterAnswerMs: of(liveMs) };
}

function questionsOf(devices: number, cursors: readonly string[]): Readonly<Record<string, () => Question>> {
  const some = () => someDevice(devices);
  const product = () => `productId=${oneOf(productIds)}`;
  let change = 0;
  return {
    'list, first page of 100': () => get('/v1/devices'),
    'list of a product': () => get(`/v1/devices?${product()}`),
    'list by name': () => get('/v1/devices?sort=name'),
    'list of a product by name, downwards': () => get(`/v1/devices?sort=-name&${product()}`),
    'list by name, a page deep inside': () => get(`/v1/devices?sort=name&cursor=${oneOf(cursors)}`),
    'search, part of a name': () => search(partOf(some().name, 8)),
    'search, part of a uid': () => search(partOf(some().deviceUid, 6)),
    'search, part of a code': () => search(partOf(some().identificationCode, 6).toLowerCase()),
    'search, part of a name, by name': () => search(`${partOf(some().name, 8)}&sort=name`),
    'search, two characters': () => search(partOf(some().identificationCode, 2)),
    'search, nothing is found': () => search(`nothing-${randomInt(1_000_000)}`),
    'search, two characters that no device has': () => search('~~'),
    'get one': () => get(`/v1/devices/${some().deviceUid}`),
    'patch one': () => patchOf(some(), `Changed ${(change += 1)}`),
    [`latest values of ${latestDevices.toLocaleString('en-US')} devices`]: () => latestOf(devices),
    'latest values of one device': () => get(`/v1/devices/${some().deviceUid}/latest`),
    [`range of ${seriesPerQuestion} series, buckets`]: () => rangesOf('buckets'),
    [`range of ${seriesPerQuestion} series, lttb`]: () => rangesOf('lttb'),
  };
}

/** Walks the whole list, and gives where its pages begin. */
async function cursorsOf(subject: Subject): Promise<readonly string[]> {
  const connections = new Connections(subject.api, subject.key, 1);
  const cursors: string[] = [];
  try {
    for (let cursor = ''; ;) {
      const path = `/v1/devices?sort=name&limit=${itemsPerPageMax}${cursor}`;
      const { next } = await connections.json<{ readonly next: string | null }>({ method: 'GET', path });
      if (next === null) return cursors;
      cursors.push(next);
      cursor = `&cursor=${next}`;
    }
  } finally {
    connections.close();
  }
}

const someDevice = (devices: number) => fleetDevice(randomInt(devices));
const oneOf = <T>(items: readonly T[]): T => items[randomInt(items.length)]!;
const get = (path: string): Question => ({ method: 'GET', path });
const search = (text: string): Question => get(`/v1/devices?search=${text.replaceAll(' ', '%20')}`);

/** Anywhere in the text. */
function partOf(text: string, chars: number): string {
  const first = randomInt(text.length - chars + 1);
  return text.slice(first, first + chars);
}

function patchOf({ deviceUid }: { readonly deviceUid: string }, name: string): Question {
  const body = JSON.stringify({ attributes: { note: name } });
  return { method: 'PATCH', path: `/v1/devices/${deviceUid}`, type: 'application/merge-patch+json', body };
}

function latestOf(devices: number): Question {
  const first = randomInt(devices - latestDevices + 1);
  const uids = Array.from({ length: latestDevices }, (_, index) => fleetDevice(first + index).deviceUid);
  return { method: 'POST', path: '/v1/points/latest', body: JSON.stringify({ devices: uids }) };
}

function rangesOf(method: 'buckets' | 'lttb'): Question {
  const signal = oneOf(signals);
  const series = Array.from({ length: seriesPerQuestion }, (_, index) => ({
    device: fleetDevice(index % historyDevices).deviceUid,
    signal,
  }));
  return {
    method: 'POST',
    path: '/v1/points/query',
    body: JSON.stringify({ series, points: pointsPerSeries, method }),
  };
}
