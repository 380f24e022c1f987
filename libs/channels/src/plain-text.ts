/** Text from devices and configuration, made harmless where it is shown. */

/** Long subjects are cut by phones anyway, and one must not fill a ledger. */
export const subjectCharsMax = 200;

/** One line without control characters, at most `charsMax` long: a line break in a subject would be a new mail header. */
export function oneLine(text: string, charsMax: number = subjectCharsMax): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  const chars = Array.from(line);
  return chars.length <= charsMax ? line : `${chars.slice(0, charsMax - 1).join('')}…`;
}

/** Keeps line breaks and tabs, drops other control characters: terminals and mail programs may obey them. */
export function withoutControls(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, '');
}
