/** Tables for people. */
import { type Terminal } from './terminal.ts';

/** Lines of equal columns with a header. Texts of others go through `plainText` first. */
export function tableLines(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  terminal: Terminal,
): readonly string[] {
  const texts = rows.map((row) => row.map(plainText));
  const widths = header.map((title, column) => Math.max(title.length, ...texts.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  return [terminal.styled('dim', line(header)), ...texts.map(line)];
}

/** Names come from other people, and must not steer the terminal of whoever reads them. */
export function plainText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}

/** A value of JSON in a cell. */
export function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
