/** Text from outside as a literal of QuestDB's SQL, where the HTTP interface knows no parameters. */

/** Quoted; a quote inside is doubled, which is the only escape the language has. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** An integer as a literal of type LONG. Throws a RangeError for anything that is not a safe integer. */
export function sqlLong(integer: number): string {
  if (!Number.isSafeInteger(integer)) throw new RangeError(`${integer} is not an integer.`);
  return `${integer}L`;
}
