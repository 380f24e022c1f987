/** Lists of entities: filtered, sorted, a page at a time. A page begins behind a key, so that it costs the same at any depth. */
import { MillraceError } from '@millrace/contracts';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { ResourceKind } from './resource-kind.ts';
import { type Resource, resourceOf } from './resource.ts';
import type { Tables } from './tables.ts';

export interface ListQuery {
  /** By the names of the kind's filters; several must all hold. */
  readonly filters: Readonly<Record<string, string>>;
  /** Part of an id or of another searched column, in any case of letters. */
  readonly search?: string | undefined;
  /** A name of the kind's sorts, with `-` in front: downwards. */
  readonly sort: string;
  /** The `next` of the page before. */
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface Page {
  readonly items: readonly Resource[];
  /** Null: this is the last page. */
  readonly next: string | null;
}

/** `tenant`: null for all of them. Throws `invalid_field` for a sort that there is not, or a cursor of another list. */
export async function listResources(
  transaction: Transaction<Tables>,
  tenant: string | null,
  kind: ResourceKind,
  query: ListQuery,
): Promise<Page> {
  const down = query.sort.startsWith('-');
  const column = sortColumn(kind, query.sort.replace(/^-/, ''));
  const conditions: RawBuilder<unknown>[] = [tenant === null ? sql`true` : sql`tenant = ${tenant}`];
  for (const [name, value] of Object.entries(query.filters))
    conditions.push(sql`${filterColumn(kind, name)} = ${value}`);
  if (query.search !== undefined) conditions.push(searchCondition(kind, query.search));
  if (query.cursor !== undefined) {
    const [value, id] = readCursor(query.cursor, query.sort);
    conditions.push(down ? sql`(${column}, id) < (${value}, ${id})` : sql`(${column}, id) > (${value}, ${id})`);
  }
  const direction = down ? sql`DESC` : sql`ASC`;
  const { rows } = await sql<Parameters<typeof resourceOf>[0] & { readonly sorted: string }>`
    SELECT tenant, id, revision, body, created_at, updated_at, ${column} AS sorted FROM ${sql.table(kind.name)}
    WHERE ${sql.join(conditions, sql` AND `)}
    ORDER BY ${column} ${direction}, id ${direction} LIMIT ${query.limit + 1}`.execute(transaction);
  const last = rows.length > query.limit ? rows[query.limit - 1] : undefined;
  return {
    items: rows.slice(0, query.limit).map(({ sorted: _sorted, ...row }) => resourceOf(row)),
    next: last ? writeCursor(query.sort, last.sorted, last.id) : null,
  };
}

/** Of columns that are never null: a page begins behind a value. */
function sortColumn(kind: ResourceKind, name: string): RawBuilder<unknown> {
  if (name === 'id') return sql.ref('id');
  const column = kind.sorts[name];
  if (column === undefined) throw wrong('sort', `It must be one of ${['id', ...Object.keys(kind.sorts)].join(', ')}.`);
  return sql.ref(column);
}

function filterColumn(kind: ResourceKind, name: string): RawBuilder<unknown> {
  const column = kind.filters[name];
  if (column === undefined) throw wrong(name, 'There is no such filter.');
  return sql.ref(column);
}

function searchCondition(kind: ResourceKind, text: string): RawBuilder<unknown> {
  const pattern = `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
  const columns = ['id', ...kind.searched].map((name) => sql`${sql.ref(name)} ILIKE ${pattern}`);
  return sql`(${sql.join(columns, sql` OR `)})`;
}

function writeCursor(sort: string, value: string, id: string): string {
  return Buffer.from(JSON.stringify([sort, value, id])).toString('base64url');
}

function readCursor(cursor: string, sort: string): readonly [string, string] {
  try {
    const [of, value, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    const isOurs = of === sort && isText(value) && isText(id);
    if (isOurs) return [value, id];
  } catch {
    // Falls through to the one answer for every wrong cursor.
  }
  throw wrong('cursor', 'Take `next` of the page before, with the same sort.');
}

/** That PostgreSQL takes. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed() && !value.includes('\0');
}

function wrong(field: string, detail: string): MillraceError {
  return new MillraceError('invalid_field', `${field}: ${detail}`, { errors: [{ field, code: 'invalid', detail }] });
}
