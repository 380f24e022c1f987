/** Sends a file of devices to the api and shows how it goes. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { UserError } from '../stack/user-error.ts';
import { jsonLines } from './json-lines.ts';
import { type VerbContext } from './noun.ts';
import { type Report } from './step.ts';
import { plainText, tableLines } from './table.ts';

export interface DeviceFile {
  /** `-`: the input of the program. */
  readonly file: string;
  readonly format: string | undefined;
  readonly upsert: boolean;
  readonly dryRun: boolean;
  readonly skipRows: number;
  readonly json: boolean;
}

interface RowError {
  readonly row: number;
  readonly field: string;
  readonly detail: string;
}

interface Line {
  readonly rows: number;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly errors: readonly RowError[];
  readonly errorsLeftOut: number;
  readonly done: boolean;
  readonly problem?: { readonly detail: string };
}

const types: Readonly<Record<string, string>> = { csv: 'text/csv', ndjson: 'application/x-ndjson' };
const formats: Readonly<Record<string, string>> = { '.csv': 'csv', '.ndjson': 'ndjson', '.jsonl': 'ndjson' };

/** More of them do not fit on a screen; the counts are of all. */
const errorsShownMax = 50;

/** Exit code 0: every row was taken. */
export async function importDevices(wanted: DeviceFile, { api, terminal, signal }: VerbContext): Promise<number> {
  const type = types[wanted.format ?? formats[extname(wanted.file)] ?? ''];
  if (!type) throw new UserError('Say with --format csv or --format ndjson what the file is.', { exitCode: 2 });
  const { upsert, dryRun, skipRows, json } = wanted;
  const query = new URLSearchParams({
    mode: upsert ? 'upsert' : 'create',
    dryRun: String(dryRun),
    skipRows: String(skipRows),
  });
  const body = await bodyOf(wanted.file);
  const shown: RowError[] = [];
  let last: Line | undefined;
  const work = async (report: Report): Promise<void> => {
    const startedMs = performance.now();
    const { body: answer } = await api.succeeded(`/v1/devices/import?${query.toString()}`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
      duplex: 'half',
      signal,
    });
    try {
      for await (const line of jsonLines<Line>(answer!)) {
        last = line;
        if (json) terminal.line(JSON.stringify(line));
        shown.push(...line.errors.slice(0, errorsShownMax - shown.length));
        const rowsPerSecond = (line.rows - skipRows) / ((performance.now() - startedMs) / 1_000);
        const wrong = line.failed > 0 ? `, ${line.failed} wrong` : '';
        report(`${line.rows} rows, ${Math.round(rowsPerSecond)} rows/s${wrong}`);
      }
    } catch {
      // The connection broke: what was told before is done.
      signal.throwIfAborted();
    }
  };
  await (json ? work(() => undefined) : terminal.step(`Importing ${wanted.file}`, work));
  if (!json) showOutcome(wanted, shown, last, terminal);
  if (!last?.done) throw new UserError(cutOff(last, skipRows));
  return last.failed === 0 ? 0 : 1;
}

function showOutcome(
  { dryRun }: DeviceFile,
  shown: readonly RowError[],
  last: Line | undefined,
  terminal: VerbContext['terminal'],
): void {
  if (!last) return;
  const rows = shown.map(({ row, field, detail }) => [String(row), field || '-', detail]);
  if (rows.length > 0)
    for (const line of tableLines(['row', 'member', 'what is wrong'], rows, terminal)) terminal.note(line);
  if (last.failed > shown.length) terminal.note('There are more wrong rows; --json shows more of them.');
  const { created, changed, unchanged, failed } = last;
  const would = dryRun ? 'Would be: ' : '';
  const wrong = failed > 0 ? terminal.styled('red', `${failed} wrong`) : '0 wrong';
  terminal.line(`${would}${created} created, ${changed} changed, ${unchanged} unchanged, ${wrong}.`);
}

function cutOff(last: Line | undefined, skipRows: number): string {
  const why = plainText(last?.problem?.detail ?? 'The api ended the answer.');
  return `The import ended before its end: ${why} Go on with --skip-rows ${last?.rows ?? skipRows}.`;
}

async function bodyOf(file: string): Promise<ReadableStream> {
  if (file === '-') return Readable.toWeb(process.stdin) as ReadableStream;
  const found = await stat(file).catch((error: unknown) => {
    throw new UserError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  });
  if (!found.isFile()) throw new UserError(`${file} is no file.`);
  return Readable.toWeb(createReadStream(file)) as ReadableStream;
}
