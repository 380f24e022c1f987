/** Lists of entities: filtered, sorted, a page at a time. A page begins behind a key, so that it costs the same at any depth. */
import { MillraceError } from '@millrace/contracts';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { ResourceKind } from './resource-kind.ts';
import { idsBelow } from './resource-tree.ts';
import { type Resource, resourceOf, type ResourceRow } from './resource.ts';
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

type ListedRow = ResourceRow & { readonly sorted: string };

/** Rows of the page that meet the condition, and one more. `amongFirst`: of so many rows from where the page begins. */
type Read = (condition: RawBuilder<unknown>, amongFirst?: number) => Promise<readonly ListedRow[]>;

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
    conditions.push(await filterCondition(transaction, tenant, kind, name, value));
  if (query.cursor !== undefined) {
    const [value, id] = readCursor(query.cursor, query.sort);
    conditions.push(down ? sql`(${column}, id) < (${value}, ${id})` : sql`(${column}, id) > (${value}, ${id})`);
  }
  const direction = down ? sql`DESC` : sql`ASC`;
  const order = sql`ORDER BY ${column} ${direction}, id ${direction}`;
  const read: Read = async (condition, amongFirst) => {
    const bound = amongFirst === undefined ? sql`` : sql`${order} LIMIT ${amongFirst}`;
    const { rows: found } = await sql<ListedRow>`
      SELECT tenant, id, revision, body, created_at, updated_at, ${column} AS sorted
      FROM (SELECT * FROM ${sql.table(kind.name)} WHERE ${sql.join(conditions, sql` AND `)} ${bound}) AS listed
      WHERE ${condition} ${order} LIMIT ${query.limit + 1}`.execute(transaction);
    return found;
  };
  const rows = await (query.search === undefined
    ? read(sql`true`)
    : readSearched(transaction, kind, query.search, query.limit, read));
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

async function filterCondition(
  transaction: Transaction<Tables>,
  tenant: string | null,
  { filters }: ResourceKind,
  name: string,
  value: string,
): Promise<RawBuilder<unknown>> {
  const filter = filters[name];
  if (filter === undefined) throw wrong(name, 'There is no such filter.');
  if (typeof filter === 'string') return sql`${sql.ref(filter)} = ${value}`;
  const wanted =
    filter.inTreeOf === undefined ? sql`ARRAY[${value}]::text[]` : idsBelow(sql.table(filter.inTreeOf), tenant, value);
  const { rows } = await sql<{ readonly ids: readonly string[] }>`
    SELECT ${sql.ref(filter.find)}(${wanted}, ${foundMax + 1}) AS ids`.execute(transaction);
  const { ids } = rows[0]!;
  return ids.length <= foundMax ? sql`id = ANY(${ids}::text[])` : sql`${sql.ref(filter.column)} ?| ${wanted}`;
}

/** Shorter texts have no trigram, and with many rows there are many that have them. */
const indexedCharsMin = 3;
/** A text that every twentieth row has fills a page of a hundred with so many; looking at them takes a millisecond. */
const firstLookedAt = 2_000;
/** Rows that are sought by an index. A text that more rows have is met soon when they are looked at in the order of the list. */
const foundMax = 1_000;

async function readSearched(
  transaction: Transaction<Tables>,
  { searched }: ResourceKind,
  text: string,
  limit: number,
  read: Read,
): Promise<readonly ListedRow[]> {
  const pattern = `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
  if (!('column' in searched)) {
    const columns = ['id', ...searched].map((name) => sql`${sql.ref(name)} ILIKE ${pattern}`);
    return read(sql`(${sql.join(columns, sql` OR `)})`);
  }
  const lower = sql`lower(${pattern}::text)`;
  const matches = sql`${sql.ref(searched.column)} LIKE ${lower}`;
  if (text.length < indexedCharsMin) return read(matches);
  const first = await read(matches, firstLookedAt);
  if (first.length > limit) return first;
  const { rows } = await sql<{ readonly ids: readonly string[] }>`
    SELECT ${sql.ref(searched.find)}(${lower}, ${foundMax + 1}) AS ids`.execute(transaction);
  const { ids } = rows[0]!;
  return read(ids.length <= foundMax ? sql`id = ANY(${ids}::text[])` : matches);
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
