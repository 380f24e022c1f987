/** A value that a script returned, in a sentence. */

/** Objects by their kind only: to write one out takes as much stack as it has levels, and the script decides how many. */
export function textOfValue(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}
