/** Runs scripts on this machine, without an api, and shows what came of it to a person. */
import type { RunReport, Sandbox, Script, UplinkSample } from '@millrace/sandbox';
import { plainText, tableLines } from './table.ts';
import { type Terminal } from './terminal.ts';

type Result = RunReport['results'][0];

/** One that is closed afterwards. */
export async function inSandbox<T>(work: (sandbox: Sandbox) => Promise<T>): Promise<T> {
  // Imported when needed: the command line is loaded before the dependencies are installed.
  const { Sandbox: SandboxClass } = await import('@millrace/sandbox');
  const sandbox = new SandboxClass();
  await sandbox.start();
  try {
    return await work(sandbox);
  } finally {
    await sandbox.close();
  }
}

export async function reportOfRun(
  sandbox: Sandbox,
  script: Script,
  samples: readonly UplinkSample[],
  signal: AbortSignal,
): Promise<RunReport> {
  const { reportOf, runSamples } = await import('@millrace/sandbox');
  return reportOf(await runSamples(sandbox, script, samples, { signal }));
}

/** Each sample with its rows, or why there are none; what the whole cost is the last line. */
export function showRun(report: RunReport, source: string, terminal: Terminal): void {
  for (const result of report.results) {
    terminal.line(`${markOf(result, terminal)} ${terminal.styled('bold', plainText(result.name))}`);
    for (const line of linesOf(result, source, terminal)) terminal.line(`    ${line}`.trimEnd());
    terminal.line();
  }
  terminal.line(summaryOf(report, terminal));
}

/** `3 samples: 2 as expected, 1 not · 1.4 ms CPU · 1.3 MB heap` */
export function summaryOf({ results, cpuMs, heapBytes }: RunReport, terminal: Terminal): string {
  const count = results.length === 1 ? '1 sample' : `${results.length} samples`;
  const wrong = results.filter(isWrong).length;
  const right = results.filter(({ passed }) => passed).length;
  const ends = [
    ...(right > 0 ? [terminal.styled('green', `${right} as expected`)] : []),
    ...(wrong > 0 ? [terminal.styled('red', `${wrong} failed`)] : []),
  ];
  const cost = [`${cpuMs.toFixed(1)} ms CPU`, ...(heapBytes === null ? [] : [`${megabytes(heapBytes)} MB heap`])];
  return [ends.length > 0 ? `${count}: ${ends.join(', ')}` : count, ...cost].join(' · ');
}

/** It is not as expected, or it failed where nothing was expected. */
export function isWrong({ passed, failure }: Result): boolean {
  return passed === null ? failure !== null : !passed;
}

function markOf(result: Result, terminal: Terminal): string {
  if (isWrong(result)) return terminal.styled('red', '✗');
  return result.passed ? terminal.styled('green', '✓') : terminal.styled('cyan', '•');
}

function linesOf(result: Result, source: string, terminal: Terminal): readonly string[] {
  const { rows, failure, difference, passed, warnings, logs } = result;
  const lines: string[] = [];
  if (difference !== null && failure === null) lines.push(terminal.styled('red', plainText(difference)));
  if (failure && passed) lines.push(...failureLines({ ...failure, line: null }, source, 'dim', terminal));
  else if (failure) lines.push(...failureLines(failure, source, 'red', terminal));
  else if (rows.length === 0) lines.push(terminal.styled('dim', 'no rows'));
  else lines.push(...rowLines(rows, terminal));
  return [...lines, ...saidLines(warnings, logs, terminal)];
}

/** What the script wants to be known beside its result. */
export function saidLines(warnings: readonly string[], logs: readonly string[], terminal: Terminal): readonly string[] {
  return [
    ...warnings.map((warning) => `${terminal.styled('yellow', 'warning')}  ${textOf(warning)}`),
    ...logs.map((log) => `${terminal.styled('dim', 'log')}  ${textOf(log)}`),
  ];
}

type Row = Result['rows'][0];

const always = (): boolean => true;
const qualities = ['good', 'uncertain', 'bad'];

/** What no row has is not shown. */
const rowColumns: readonly {
  readonly title: string;
  readonly cellOf: (row: Row) => string;
  readonly isNeeded?: (row: Row) => boolean;
}[] = [
  {
    title: 'device',
    cellOf: ({ identificationCode }) => identificationCode ?? '',
    isNeeded: ({ identificationCode }) => identificationCode !== null,
  },
  { title: 'name', cellOf: ({ name }) => name },
  { title: 'value', cellOf: ({ value }) => (typeof value === 'string' ? JSON.stringify(value) : String(value)) },
  { title: 'quality', cellOf: ({ quality }) => qualities[quality] ?? '', isNeeded: ({ quality }) => quality !== 0 },
  { title: 'time', cellOf: ({ time }) => time ?? '', isNeeded: ({ time }) => time !== null },
];

/** More are looked at as JSON. */
const rowsShownMax = 100;

function rowLines(rows: Result['rows'], terminal: Terminal): readonly string[] {
  const columns = rowColumns.filter(({ isNeeded = always }) => rows.some(isNeeded));
  const shown = rows.slice(0, rowsShownMax).map((row) => columns.map(({ cellOf }) => cellOf(row)));
  const titles = columns.map(({ title }) => title);
  const lines = [...tableLines(titles, shown, terminal)];
  const more = rows.length - shown.length;
  return more > 0 ? [...lines, `and ${more} more rows; --json shows all`] : lines;
}

/** Why, and where in the source, if that is known. */
export function failureLines(
  { code, detail, line }: NonNullable<Result['failure']>,
  source: string,
  style: 'red' | 'dim',
  terminal: Terminal,
): readonly string[] {
  const why = `${terminal.styled(style, textOf(detail))}  ${terminal.styled('dim', code)}`;
  return line === null ? [why] : [why, ...sourceLines(source, line, terminal)];
}

const linesAround = 2;

/** The line with its neighbours: numbers, and a marker at the line itself. */
function sourceLines(source: string, line: number, terminal: Terminal): readonly string[] {
  const lines = source.split(/\r?\n/);
  const from = Math.max(1, line - linesAround);
  const to = Math.min(lines.length, line + linesAround);
  const width = String(to).length;
  return lines.slice(from - 1, to).map((text, index) => {
    const number = from + index;
    const place = `${String(number).padStart(width)} │`;
    const code = textOf(text);
    return number === line
      ? `${terminal.styled('red', `> ${place}`)} ${code}`
      : `  ${terminal.styled('dim', place)} ${code}`.trimEnd();
  });
}

/** A tab steers nothing. */
function textOf(text: string): string {
  return plainText(text.replaceAll('\t', '  '));
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
