/** The bytes of an answer → its rows. Whole or not at all: half of a table that is being written would be half of the truth. */
import { Readable } from 'node:stream';
import { MillraceError } from '@millrace/contracts';
import { CsvError, parse } from 'csv-parse';
import type { HttpPollingSettings } from './settings.ts';

/** A day of a row every ten seconds. More at once would hold up the connections beside it. */
export const rowsMax = 10_000;

/** Read between two looks at everything else. */
const pieceBytes = 64 * 1024;

export interface Row {
  /** Where places are looked up: the JSON value, or the cells by column as text. */
  readonly document: object;
  /** The message: a JSON object. */
  readonly payload: Buffer;
}

/** Throws `malformed_body` and `body_too_large`, and the signal's reason. */
export async function rowsOf(
  body: Buffer,
  form: HttpPollingSettings['form'],
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const text = textOf(body);
  if (form.format === 'json') return jsonRows(text, form);
  return csvRows(text, form.delimiter, signal);
}

function jsonRows(
  text: string,
  { rows: place, pointer }: HttpPollingSettings['form'] & { format: 'json' },
): readonly Row[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw malformed('It is not JSON');
  }
  const found = place(document);
  const rows: readonly unknown[] = Array.isArray(found) ? found : [found];
  if (rows.length > rowsMax) throw tooMany();
  return rows.map((row, index) => {
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw malformed(`Where rows should be ("${pointer}") there is no object, in row ${index + 1}`);
    return { document: row, payload: Buffer.from(JSON.stringify(row)) };
  });
}

async function csvRows(text: string, delimiter: string, signal: AbortSignal): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const parser = parse({
    columns: (header: readonly string[]) => columnsOf(header),
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    delimiter,
  });
  const feed = Readable.from(piecesOf(text))
    .on('error', () => {})
    .pipe(parser);
  try {
    for await (const cells of feed as AsyncIterable<Readonly<Record<string, string>>>) {
      signal.throwIfAborted();
      if (rows.length === rowsMax) throw tooMany();
      rows.push({ document: cells, payload: Buffer.from(JSON.stringify(valuesOf(cells))) });
    }
  } catch (error) {
    throw error instanceof CsvError ? malformed(sentenceOf(error)) : error;
  }
  return rows;
}

function* piecesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; from += pieceBytes) yield text.slice(from, from + pieceBytes);
}

function columnsOf(header: readonly string[]): string[] {
  const columns = header.map((name) => name.trim());
  const twice = columns.find((name, index) => columns.indexOf(name) < index);
  if (twice !== undefined) throw malformed(`Its header names the column "${twice}" twice`);
  return columns;
}

const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** A cell that JSON would read as a number is one, unless digits would be lost; an empty one says nothing. */
function valuesOf(cells: Readonly<Record<string, string>>): Readonly<Record<string, string | number>> {
  const said = Object.entries(cells).filter(([, cell]) => cell !== '');
  return Object.fromEntries(said.map(([column, cell]) => [column, isNumber(cell) ? Number(cell) : cell]));
}

function isNumber(cell: string): boolean {
  if (!number.test(cell)) return false;
  const value = Number(cell);
  return Number.isFinite(value) && (!/^-?\d+$/.test(cell) || Number.isSafeInteger(value));
}

function textOf(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw malformed('It is not UTF-8');
  }
}

/** Sentences of our own: those of the parser show what stands in a cell. */
function sentenceOf({ code, ...rest }: CsvError): string {
  const { lines } = rest as { readonly lines?: number };
  const where = `Line ${lines ?? '?'}`;
  if (code === 'CSV_RECORD_INCONSISTENT_COLUMNS') return `${where} has another number of cells than the header`;
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'A quote is not closed';
  return `${where} is no CSV`;
}

function malformed(what: string): MillraceError {
  return new MillraceError('malformed_body', `Check what the server answers. ${what}.`);
}

function tooMany(): MillraceError {
  return new MillraceError('body_too_large', `Ask for less at once: an answer may have ${rowsMax} rows.`);
}
