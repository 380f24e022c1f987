/** Pages of rows in the order of their ids. */
import type { RowPage } from '@millrace/control';
import { MillraceError } from '@millrace/contracts';
import { z } from 'zod';

const cursorCharsMax = 256;

export const pageQuery = {
  cursor: z.string().max(cursorCharsMax).optional().describe('`next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
};

export interface PageQuery {
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly filters: RowPage['filters'];
}

export interface PageOf<T> {
  readonly items: readonly T[];
  /** Null: this is the last page. */
  readonly next: string | null;
}

/** One row more than is shown tells whether there is a next page. */
export function rowPageOf({ filters, cursor, limit }: PageQuery): RowPage {
  return { filters, after: cursor === undefined ? undefined : idIn(cursor), limit: limit + 1 };
}

export function pageOf<T extends { readonly id: string }>(rows: readonly T[], limit: number): PageOf<T> {
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? Buffer.from(items.at(-1)!.id).toString('base64url') : null };
}

function idIn(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (/^[A-Za-z0-9._-]+$/.test(id)) return id;
  const detail = 'Take `next` of the page before.';
  throw new MillraceError('invalid_field', `cursor: ${detail}`, {
    errors: [{ field: 'cursor', code: 'invalid', detail }],
  });
}
