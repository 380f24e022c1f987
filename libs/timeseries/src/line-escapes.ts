/**
 * Escapes of QuestDB's line protocol. A backslash goes before what would end the word; a raw line break inside a word
 * would end the line, and with it the request.
 */

const inSymbol = /[ ,=\n\r\\]/g;
const inText = /["\n\r\\]/g;

/** A symbol's value, as it stands after `name=` and before the next comma or space. */
export function escapeSymbol(text: string): string {
  return text.replace(inSymbol, '\\$&');
}

/** A text column's value, as it stands between double quotes. */
export function escapeText(text: string): string {
  return text.replace(inText, '\\$&');
}
