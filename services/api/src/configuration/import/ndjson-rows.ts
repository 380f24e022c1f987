/** Rows of a file with one JSON object a line (https://github.com/ndjson/ndjson-spec). A line that is wrong costs itself alone. */
import { isUtf8 } from 'node:buffer';
import { type Line, LineSplitter, tooLong } from '@millrace/gateways';
import { type ImportRow, rowBytesMax } from './import-rows.ts';

const lineFeed = Buffer.from('\n');

export async function* ndjsonRows(pieces: AsyncIterable<Buffer>): AsyncGenerator<ImportRow> {
  let row = 0;
  for await (const line of linesOf(pieces)) {
    if (line !== tooLong && isBlank(line)) continue;
    row += 1;
    yield line === tooLong ? wrong(row, 'too_long', `A row has at most ${rowBytesMax} bytes.`) : rowOf(row, line);
  }
}

async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  const splitter = new LineSplitter(rowBytesMax);
  for await (const piece of ended(pieces)) {
    splitter.push(piece);
    for (let line = splitter.next(); line !== undefined; line = splitter.next()) yield line;
  }
}

/** The last line may lack its end. */
async function* ended(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* pieces;
  yield lineFeed;
}

/** Blanks in front and behind are JSON's own; a line of nothing else is empty. */
const isBlank = (line: Buffer): boolean => line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);

function rowOf(row: number, line: Buffer): ImportRow {
  if (!isUtf8(line)) return wrong(row, 'malformed_json', 'The line is not UTF-8.');
  const text = line.toString();
  // As in the bodies of other requests.
  if (text.includes('"__proto__"')) return wrong(row, 'malformed_json', 'A member must not be named __proto__.');
  try {
    return { row, device: JSON.parse(text) as unknown };
  } catch {
    // The parser's message shows a part of the line, which may be a password.
    return wrong(row, 'malformed_json', 'The line is not JSON.');
  }
}

function wrong(row: number, code: string, detail: string): ImportRow {
  return { row, errors: [{ field: '', code, detail }] };
}
