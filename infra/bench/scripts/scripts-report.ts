/** The result of the benchmark of scripts: one shape for programs, tables for people. */
import { number, tableLines } from '../report-table.ts';

/** Aims for an attack: how long the event loop of the host stands still, and how much longer than its limit it takes. */
const loopMsAim = 50;
const overtimeMsAim = 300;
/** Of a call, and of a load before it. */
const limitMs = 350;
/** How much slower a neighbour may become. */
const neighbourRatioAim = 2;

export interface ScriptsBenchReport {
  /** Processes that wanted a processor when it began: others' work makes times longer, and CPU seconds dearer. */
  readonly loadBefore: number;
  readonly throughput: readonly ThroughputFigures[];
  readonly mixes: readonly MixFigures[];
  readonly isolates: readonly IsolateFigures[];
  readonly neighbour: NeighbourFigures;
  readonly attacks: readonly AttackFigures[];
  readonly mutants: MutantFigures;
}

export interface ThroughputFigures {
  readonly language: string;
  readonly messagesPerCall: number;
  /** To the isolate and back, results as JSON. */
  readonly perCpuSecond: number;
  /** With results checked and flattened to rows. */
  readonly perCpuSecondWithRows: number;
  readonly floor: number;
  readonly aim: number;
}

export interface MixFigures {
  readonly scripts: number;
  readonly tenants: number;
  readonly perCpuSecond: number;
}

export interface IsolateFigures {
  readonly language: string;
  readonly scripts: number;
  /** Until the first message is decoded; most of them take the place of one that is evicted. */
  readonly startMsP50: number;
  readonly startMsP99: number;
  readonly residentMiBBefore: number;
  readonly residentMiBPeak: number;
  /** Messages that were not decoded. */
  readonly failures: number;
  readonly kills: number;
}

export interface NeighbourFigures {
  readonly attacks: number;
  readonly aloneMs: LatencyFigures;
  readonly attackedMs: LatencyFigures;
}

interface LatencyFigures {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface AttackFigures {
  readonly language: string;
  readonly name: string;
  readonly end: string;
  readonly tookMs: number;
  readonly loopMsMax: number;
  /** Of the child, as far as it was seen. */
  readonly peakMiB: number;
  /** In words; empty: none. */
  readonly harm: readonly string[];
}

export interface MutantFigures {
  readonly seed: number;
  readonly tried: number;
  /** How many ended how. */
  readonly ends: Readonly<Record<string, number>>;
  readonly tookMsMax: number;
  readonly loopMsMax: number;
  readonly harmful: readonly AttackFigures[];
}

export function isHarmless({ attacks, mutants, isolates }: ScriptsBenchReport): boolean {
  const harmful = [...attacks.filter(({ harm }) => harm.length > 0), ...mutants.harmful];
  return harmful.length === 0 && isolates.every(({ failures }) => failures === 0);
}

export function scriptsReportText(report: ScriptsBenchReport): string {
  const { loadBefore, throughput, mixes, isolates, neighbour, attacks, mutants } = report;
  return [
    `Scripts; load of the machine ${number(loadBefore, 1)}`,
    '',
    ...tableLines([
      ['messages per CPU second, parent and child', 'per call', 'path', 'with rows', 'floor', ''],
      ...throughput.map((one) => [
        one.language,
        String(one.messagesPerCall),
        number(one.perCpuSecond),
        number(one.perCpuSecondWithRows),
        number(one.floor),
        remarkOn(one),
      ]),
      ...mixes.map(({ scripts, tenants, perCpuSecond }) => [
        `${number(scripts)} scripts mixed, ${number(tenants)} tenants`,
        '20',
        '',
        number(perCpuSecond),
        '',
        '',
      ]),
    ]),
    '',
    ...tableLines([
      ['scripts by turns', 'scripts', 'start p50 ms', 'p99', 'MiB before', 'peak', 'failures', 'kills'],
      ...isolates.map((one) => [
        one.language,
        number(one.scripts),
        number(one.startMsP50, 1),
        number(one.startMsP99, 1),
        number(one.residentMiBBefore),
        number(one.residentMiBPeak),
        number(one.failures),
        number(one.kills),
      ]),
    ]),
    '',
    ...neighbourLines(neighbour),
    '',
    ...attackLines(attacks),
    '',
    ...mutantLines(mutants),
    '',
  ].join('\n');
}

function remarkOn({ perCpuSecond, floor, aim }: ThroughputFigures): string {
  if (perCpuSecond < floor) return 'below the floor';
  return perCpuSecond < aim ? `aim ${number(aim)}` : '';
}

function neighbourLines({ attacks, aloneMs, attackedMs }: NeighbourFigures): string[] {
  const row = (name: string, { p50, p99, max }: LatencyFigures): string[] => [
    name,
    number(p50, 1),
    number(p99, 1),
    number(max, 1),
  ];
  const ratio = attackedMs.p99 / aloneMs.p99;
  const verdict = ratio > neighbourRatioAim ? `, more than ${neighbourRatioAim}` : '';
  return [
    ...tableLines([
      ['a neighbour: ms of a call', 'p50', 'p99', 'max'],
      row('alone', aloneMs),
      row(`beside ${number(attacks)} endless loops`, attackedMs),
    ]),
    `  p99 ${number(ratio, 1)} times as long${verdict}`,
  ];
}

/** One row per language; those that missed an aim or did harm stand below with their names. */
function attackLines(attacks: readonly AttackFigures[]): string[] {
  const languages = [...new Set(attacks.map(({ language }) => language))];
  const rows = languages.map((language) => {
    const ofLanguage = attacks.filter((one) => one.language === language);
    const most = (figure: (one: AttackFigures) => number): string => number(Math.max(...ofLanguage.map(figure)));
    return [
      language,
      number(ofLanguage.length),
      number(ofLanguage.filter(({ end }) => end !== 'returned').length),
      number(ofLanguage.filter(({ harm }) => harm.length > 0).length),
      most(({ tookMs }) => tookMs),
      number(ofLanguage.filter(({ tookMs }) => tookMs > limitMs + overtimeMsAim).length),
      most(({ loopMsMax }) => loopMsMax),
      number(ofLanguage.filter(({ loopMsMax }) => loopMsMax > loopMsAim).length),
      most(({ peakMiB }) => peakMiB),
    ];
  });
  const late = `above ${limitMs + overtimeMsAim}`;
  return [
    ...tableLines([
      ['attacks', 'tried', 'failed', 'harmful', 'ms at most', late, 'loop ms', `above ${loopMsAim}`, 'peak MiB'],
      ...rows,
    ]),
    ...harmLines(attacks.filter(({ harm }) => harm.length > 0)),
  ];
}

function mutantLines({ seed, tried, ends, tookMsMax, loopMsMax, harmful }: MutantFigures): string[] {
  const counts = Object.entries(ends).map(([end, count]) => `${end} ${number(count)}`);
  return [
    `  ${number(tried)} mutants (--seed ${seed}): ${counts.join(', ')}`,
    `  harmful ${number(harmful.length)}; at most ${number(tookMsMax)} ms, loop ${number(loopMsMax)} ms`,
    ...harmLines(harmful),
  ];
}

function harmLines(harmful: readonly AttackFigures[]): string[] {
  return harmful.map(({ language, name, harm }) => `  HARM  ${language}, ${name}: ${harm.join('; ')}`);
}
