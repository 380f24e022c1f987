/**
 * Rows of a CSV file (RFC 4180, UTF-8, line ends of any kind) whose first row names members: `deviceUid`, `productId`, `name`,
 * `identificationCode`, `state`, `gatewayUid`, `tags` and `assetIds` (with blanks between), `attributes.<name>`, `desired.<name>`, `reported.<name>`, `password`. Cells are text and stay as they are, whatever a spreadsheet
 * would make of them; an empty one says nothing about its member.
 */
import { MillraceError } from '@millrace/contracts';
import { CsvError, parse } from 'csv-parse';
import { type ImportRow, rowBytesMax } from './import-rows.ts';

const members = [
  'deviceUid',
  'productId',
  'name',
  'identificationCode',
  'state',
  'gatewayUid',
  'tags',
  'assetIds',
  'password',
];
const lists = new Set(['tags', 'assetIds']);
/** Of a column `attributes.<name>`, and likewise. */
const namedText = /^(attributes|desired|reported)\.(.+)$/s;

/** Throws `invalid_field` for a header that is wrong, `malformed_body` behind the rows in front of what cannot be read. */
export async function* csvRows(pieces: AsyncIterable<Buffer>): AsyncGenerator<ImportRow> {
  let columns: readonly string[] | undefined;
  let row = 0;
  for await (const cells of recordsOf(pieces)) {
    if (columns === undefined) columns = columnsOf(cells);
    else yield rowOf((row += 1), columns, cells);
  }
  if (columns === undefined) throw new MillraceError('empty_body', 'The first row of the file must name the columns.');
}

async function* recordsOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<readonly string[]> {
  const records: string[][] = [];
  const parser = parse({
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: rowBytesMax,
    // Taken here and not out of the stream, which forgets at an error what it has read before.
    on_record: (record: string[]) => void records.push(record),
  });
  parser.on('error', () => undefined);
  let failure: unknown;
  try {
    for await (const text of decoded(pieces)) {
      await settled((callback) => parser.write(text, callback));
      yield* records.splice(0);
    }
    await settled((callback) => parser.end(callback));
  } catch (error) {
    failure = error instanceof CsvError ? malformed(error) : error;
  }
  yield* records.splice(0);
  if (failure !== undefined) throw failure as Error;
}

function settled(begin: (callback: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => begin((error) => (error ? reject(error) : resolve())));
}

/** A table in another encoding would be stored with wrong letters, so it is refused. Without its byte order mark. */
async function* decoded(pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const piece of pieces) yield decoder.decode(piece, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new MillraceError('malformed_body', 'The file is not UTF-8; save it as "CSV UTF-8".', { cause: error });
  }
}

function columnsOf(header: readonly string[]): readonly string[] {
  const columns = header.map((name) => name.trim());
  const isKnown = (name: string): boolean => {
    const text = namedText.exec(name)?.[2];
    return text === undefined ? members.includes(name) : text !== '__proto__';
  };
  const errors = [
    ...columns
      .filter((name) => !isKnown(name))
      .map((field) => ({
        field,
        code: 'unknown_column',
        detail: `Columns, separated by commas, are ${members.join(', ')} and attributes.<name>, desired.<name>, reported.<name>.`,
      })),
    ...columns
      .filter((name, index) => columns.indexOf(name) < index)
      .map((field) => ({ field, code: 'duplicate', detail: 'The column is there twice.' })),
    ...(columns.includes('deviceUid')
      ? []
      : [{ field: 'deviceUid', code: 'missing', detail: 'A column must name the devices.' }]),
  ];
  const [first] = errors;
  if (first) throw new MillraceError('invalid_field', `Column ${first.field}: ${first.detail}`, { errors });
  return columns;
}

function rowOf(row: number, columns: readonly string[], cells: readonly string[]): ImportRow {
  if (cells.length !== columns.length) {
    const detail = `The row has ${cells.length} cells, the header ${columns.length}.`;
    return { row, errors: [{ field: '', code: 'cells', detail }] };
  }
  const device: Record<string, unknown> = {};
  for (const [index, column] of columns.entries()) {
    const cell = cells[index]!;
    if (cell === '') continue;
    const [, texts = '', name = ''] = namedText.exec(column) ?? [];
    if (texts !== '') device[texts] = { ...(device[texts] as object | undefined), [name]: cell };
    else if (column === 'password') device['passwords'] = [cell];
    else if (lists.has(column)) device[column] = cell.split(' ').filter(Boolean);
    else device[column] = cell;
  }
  return { row, device };
}

/** Sentences of our own: those of the parser show what stands in a cell. */
const sentences: Readonly<Record<string, string>> = {
  CSV_MAX_RECORD_SIZE: `a row has at most ${rowBytesMax} bytes; a quote may not be closed`,
  CSV_QUOTE_NOT_CLOSED: 'a quote is not closed',
  CSV_INVALID_CLOSING_QUOTE: 'behind a closing quote comes something else than a comma or the end of the row',
  INVALID_OPENING_QUOTE: 'a quote stands within a cell that does not begin with one; write it twice, within quotes',
};

function malformed(error: CsvError): MillraceError {
  const { lines } = error as unknown as { readonly lines?: number };
  const sentence = sentences[error.code] ?? 'the text is no CSV';
  return new MillraceError('malformed_body', `Line ${lines ?? '?'} of the file: ${sentence}.`, { cause: error });
}
