/** The result of the benchmark of the api: one shape for programs, tables for people. */
import { number, tableLines } from '../report-table.ts';
import type { LatencyFigures } from './live-process.ts';

/** What the 99th percentile of an answer may take with 100,000 devices. */
export const aimMs = 100;

export interface ApiBenchReport {
  readonly devices: number;
  readonly clients: number;
  readonly imports: readonly ImportFigures[];
  /** Resident memory of each process before the imports and after them. */
  readonly memory: readonly MemoryFigures[];
  readonly feed: FeedFigures;
  readonly questions: readonly QuestionFigures[];
  readonly changes: ChangeFigures;
  readonly live: LiveFigures;
}

export interface ImportFigures {
  readonly name: string;
  /** Without those that were skipped. */
  readonly rows: number;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly fileBytes: number;
  readonly seconds: number;
  readonly rowsPerSecond: number;
  readonly apiCpuSeconds: number;
  readonly postgresCpuSeconds: number;
  /** Largest resident memory of the api during the import and until it was live. */
  readonly apiPeakMiB: number;
  /** From the end of the import until every service has it; null: nothing was changed. */
  readonly liveAfterSeconds: number | null;
}

export interface MemoryFigures {
  readonly name: string;
  readonly beforeMiB: number;
  readonly afterMiB: number;
}

export interface FeedFigures {
  readonly messages: number;
  readonly points: number;
  readonly devicesWithValues: number;
  readonly seconds: number;
}

export interface QuestionFigures {
  readonly name: string;
  readonly answered: number;
  readonly refused: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** CPU of the api, and of PostgreSQL, QuestDB and Redis, for one answer. */
  readonly apiCpuMs: number;
  readonly storesCpuMs: number;
  /** Null: what it takes depends on what is asked for. */
  readonly aimMs: number | null;
}

export interface ChangeFigures {
  readonly changes: number;
  readonly answerMs: LatencyFigures;
  readonly liveAfterAnswerMs: LatencyFigures;
}

export interface LiveFigures {
  /** The slow ones included. */
  readonly readers: number;
  readonly slowReaders: number;
  readonly seconds: number;
  readonly messagesPerSecond: number;
  /** To all readers together. */
  readonly eventsDelivered: number;
  readonly apiMicrosPerEvent: number;
  /** Of one core. */
  readonly apiCpuShare: number;
  readonly readersCpuShare: number;
  readonly apiResidentMiB: number;
  readonly apiPeakMiB: number;
  /** From the device's time to a quick reader. */
  readonly latencyMs: LatencyFigures;
  readonly streamsEnded: number;
  readonly quickMissedPoints: number;
  /** Of all slow readers together, the burst in front of the measured time included. */
  readonly slow: { readonly points: number; readonly missedPoints: number; readonly gapsTold: number };
  /** Points that a reader neither got nor was told of, or got twice. */
  readonly unaccountedPoints: number;
}

/** Nothing was refused, left out or unaccounted for. */
export function isWhole({ imports, questions, live }: ApiBenchReport): boolean {
  const failed = imports.reduce((sum, one) => sum + one.failed, 0);
  const refused = questions.reduce((sum, one) => sum + one.refused, 0);
  return failed + refused + live.unaccountedPoints + live.streamsEnded === 0;
}

export function apiReportText(report: ApiBenchReport): string {
  return [
    `${number(report.devices)} devices of one tenant, ${report.clients} clients`,
    '',
    ...importLines(report.imports),
    '',
    ...memoryLines(report.memory),
    '',
    ...questionLines(report.questions),
    '',
    ...factLines(report),
    '',
  ].join('\n');
}

function importLines(imports: readonly ImportFigures[]): string[] {
  const header = ['import', 'rows', 's', 'rows/s', 'api CPU s', 'PG CPU s', 'api peak MiB', 'live after s'];
  const rows = imports.map((one) => [
    one.name,
    number(one.rows),
    number(one.seconds, 1),
    number(one.rowsPerSecond),
    number(one.apiCpuSeconds, 1),
    number(one.postgresCpuSeconds, 1),
    number(one.apiPeakMiB),
    one.liveAfterSeconds === null ? '-' : number(one.liveAfterSeconds, 1),
  ]);
  return tableLines([header, ...rows]);
}

function memoryLines(memory: readonly MemoryFigures[]): string[] {
  const rows = memory.map(({ name, beforeMiB, afterMiB }) => [name, number(beforeMiB), number(afterMiB)]);
  return tableLines([['resident memory, MiB', 'empty', 'with devices'], ...rows]);
}

function questionLines(questions: readonly QuestionFigures[]): string[] {
  const header = ['question', 'answers/s', 'p50 ms', 'p99 ms', 'max ms', 'api CPU ms', 'stores CPU ms', ''];
  const rows = questions.map((one) => [
    one.name,
    number(one.perSecond),
    ...[one.p50Ms, one.p99Ms, one.maxMs, one.apiCpuMs, one.storesCpuMs].map((value) => number(value, 1)),
    remarkOn(one),
  ]);
  return tableLines([header, ...rows]);
}

function remarkOn({ refused, p99Ms, aimMs: aim }: QuestionFigures): string {
  if (refused > 0) return `${number(refused)} refused`;
  return aim !== null && p99Ms > aim ? `above ${aim}` : '';
}

function factLines({ feed, changes, live }: ApiBenchReport): string[] {
  const line = (name: string, value: string): string => `  ${name.padEnd(34)}${value}`;
  const latency = ({ p50, p99, max }: LatencyFigures): string =>
    `p50 ${number(p50)} ms, p99 ${number(p99)} ms, max ${number(max)} ms`;
  return [
    line('devices with latest values', `${number(feed.devicesWithValues)}, fed in ${number(feed.seconds, 1)} s`),
    line('change → answer', latency(changes.answerMs)),
    line('answer → live everywhere', latency(changes.liveAfterAnswerMs)),
    '',
    line('live readers', `${number(live.readers)}, ${live.slowReaders} of them slow, for ${number(live.seconds)} s`),
    line('messages/s, events delivered', `${number(live.messagesPerSecond)}, ${number(live.eventsDelivered)}`),
    line('api CPU per event', `${number(live.apiMicrosPerEvent, 2)} µs, ${number(live.apiCpuShare * 100)} % of a core`),
    line('api memory before, peak', `${number(live.apiResidentMiB)}, ${number(live.apiPeakMiB)} MiB`),
    line('device → reader', latency(live.latencyMs)),
    line('slow readers: points got, missed', `${number(live.slow.points)}, ${number(live.slow.missedPoints)}`),
    line('slow readers: gaps told', number(live.slow.gapsTold)),
    line('quick readers: points missed', number(live.quickMissedPoints)),
    line('neither got nor told', number(live.unaccountedPoints)),
  ];
}
