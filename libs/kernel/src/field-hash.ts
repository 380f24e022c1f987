/** Identity made of fields: the same fields give the same bytes, on every machine and in every language. */
import { hash } from 'node:crypto';

export const fieldHashBytes = 16;

/**
 * First 16 bytes of SHA-256 over the fields as netstrings (`<bytes in decimal>:<UTF-8 bytes>,`), numbers as decimal text.
 * Netstrings (cr.yp.to/proto/netstrings.txt) keep fields apart whatever they contain, and are written in one line anywhere.
 */
export function fieldHash(...fields: readonly (string | number)[]): Buffer {
  return hash('sha256', fields.map(netstring).join(''), 'buffer').subarray(0, fieldHashBytes);
}

function netstring(field: string | number): string {
  const text = String(field);
  return `${Buffer.byteLength(text)}:${text},`;
}
