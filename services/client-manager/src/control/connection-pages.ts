/** Lists of connections: filtered, in the order of their keys, a page at a time. */
import type { ConnectionQuery } from '@millrace/config';
import { MillraceError } from '@millrace/contracts';
import type { StoredConnection } from './connection-store.ts';
import type { ConnectionView, ConnectionViews } from './connection-views.ts';

export interface ConnectionPage {
  readonly items: readonly ConnectionView[];
  readonly next: string | null;
}

/** `stored`: in the order of their keys. Throws `invalid_field` for a cursor that is none. */
export async function pageOf(
  stored: readonly StoredConnection[],
  { state, instance, cursor, limit }: ConnectionQuery,
  views: Pick<ConnectionViews, 'of' | 'ownedBy'>,
): Promise<ConnectionPage> {
  const after = cursor === undefined ? '' : readCursor(cursor);
  const rest = stored.filter(({ key }) => key > after);
  const behind = instance === undefined ? rest : views.ownedBy(instance, rest);
  const found: { readonly key: string; readonly view: ConnectionView }[] = [];
  // How one is doing is known to its owner alone: as many are asked for as a page holds, until the page is full.
  for (let start = 0; start < behind.length && found.length <= limit; start += limit + 1) {
    const some = behind.slice(start, start + limit + 1);
    for (const [index, view] of (await views.of(some)).entries())
      if (state === undefined || view['state'] === state) found.push({ key: some[index]!.key, view });
  }
  const items = found.slice(0, limit);
  return {
    items: items.map(({ view }) => view),
    next: found.length > limit ? writeCursor(items.at(-1)!.key) : null,
  };
}

function writeCursor(key: string): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

function readCursor(cursor: string): string {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (typeof key === 'string') return key;
  } catch {
    // Falls through to the one answer for every wrong cursor.
  }
  const detail = 'Take `next` of the page before.';
  throw new MillraceError('invalid_field', `cursor: ${detail}`, {
    errors: [{ field: 'cursor', code: 'invalid', detail }],
  });
}
