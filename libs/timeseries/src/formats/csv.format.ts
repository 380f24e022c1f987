/**
 * CSV per RFC 4180: a header, fields separated by commas, records ended by CRLF, UTF-8. An empty text is `""`, a missing one
 * nothing.
 *
 * Spreadsheets take a cell that begins with `=`, `+`, `-`, `@`, tab, CR or LF for a formula, and a device may send any
 * text. Text that begins so, or with an apostrophe, gets an apostrophe in front: whoever wants the exact text takes one
 * leading apostrophe away. Numbers are numbers, also negative ones.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
import { isoTimeOf } from '@millrace/contracts';
import type { NamedPoint } from '../point-pages.ts';
import { type PointFormat, pointFileColumns } from './point-format.ts';

export const csvFormat: PointFormat = {
  mediaType: 'text/csv; charset=utf-8; header=present',
  ending: 'csv',
  async *encode(pages) {
    yield Buffer.from(`${pointFileColumns.join(',')}\r\n`);
    for await (const points of pages) yield Buffer.from(points.map(recordOf).join(''));
  },
};

function recordOf({ timeMicros, device, signal, value, quality, receivedAtMicros }: NamedPoint): string {
  const names = `${isoTimeOf(timeMicros)},${textCell(device)},${textCell(signal)}`;
  const number = typeof value === 'number' ? value : '';
  const text = typeof value === 'string' ? textCell(value) : '';
  const boolean = typeof value === 'boolean' ? value : '';
  return `${names},${number},${text},${boolean},${quality},${isoTimeOf(receivedAtMicros)}\r\n`;
}

const formulaStart = /^[=+\-@\t\r\n']/;
const needsQuotes = /^$|[",\r\n]/;

/** A text as a cell: never a formula, quoted where it has to be. */
export function textCell(text: string): string {
  const inert = formulaStart.test(text) ? `'${text}` : text;
  return needsQuotes.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
