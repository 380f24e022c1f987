/** Cursor of a page that ends at a place in a tree. */
import { MillraceError } from '@millrace/contracts';

export function writePathCursor(path: readonly string[]): string {
  return Buffer.from(JSON.stringify(path)).toString('base64url');
}

/** Throws `invalid_field` for what `writePathCursor` did not write. */
export function readPathCursor(cursor: string): readonly string[] {
  try {
    const path: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(path) && path.every(isId)) return path;
  } catch {
    // Falls through to the one answer for every wrong cursor.
  }
  const detail = 'Take `next` of the page before.';
  throw new MillraceError('invalid_field', `cursor: ${detail}`, {
    errors: [{ field: 'cursor', code: 'invalid', detail }],
  });
}

const isId = (one: unknown): one is string => typeof one === 'string' && /^[a-z0-9-]{1,64}$/.test(one);
