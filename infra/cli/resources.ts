/** What commands about entities of the api have in common. */
import { type ApiClient } from '../configure/api-client.ts';
import { UserError } from '../stack/user-error.ts';
import { cellOf, plainText, tableLines } from './table.ts';
import { type Terminal } from './terminal.ts';

export type Entity = Readonly<Record<string, unknown>>;

interface Page {
  readonly items: readonly Entity[];
  readonly next: string | null;
}

/** What the api gives at a time. */
const pageItemsMax = 1_000;
export const itemsUsual = 100;

export interface Listing {
  /** `devices` in `/v1/devices`. */
  readonly path: string;
  /** Parameters of the question; those that are undefined are left out. */
  readonly filters: Readonly<Record<string, string | undefined>>;
  readonly limit: number | undefined;
  readonly columns: readonly string[];
  readonly json: boolean;
}

/** A table, or one JSON a line, of as many entities as are wanted. */
export async function printList(
  api: ApiClient,
  { path, filters, limit = itemsUsual, columns, json }: Listing,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const rows: string[][] = [];
  let left = limit;
  let next: string | null = null;
  do {
    const query = new URLSearchParams({ limit: String(Math.min(left, pageItemsMax)) });
    for (const [name, value] of Object.entries(filters)) if (value !== undefined) query.set(name, value);
    if (next !== null) query.set('cursor', next);
    const page: Page = await api.get<Page>(`/v1/${path}?${query.toString()}`, signal);
    for (const item of page.items)
      if (json) terminal.line(JSON.stringify(item));
      else rows.push(columns.map((name) => cellOf(item[name])));
    left -= page.items.length;
    next = page.next;
  } while (next !== null && left > 0);
  if (!json && rows.length === 0) terminal.note('There are none.');
  else if (!json) for (const line of tableLines(columns, rows, terminal)) terminal.line(line);
  if (next !== null) terminal.note(`There are more than ${limit}; --limit N shows N of them.`);
}

/** One entity: a member a line, or JSON. */
export function printEntity(entity: Entity, json: boolean, terminal: Terminal): void {
  if (json) return terminal.line(JSON.stringify(entity));
  const width = Math.max(...Object.keys(entity).map((name) => name.length));
  for (const [name, value] of Object.entries(entity))
    terminal.line(`${terminal.styled('dim', name.padEnd(width))}  ${plainText(cellOf(value))}`);
}

/** `name=Pump`, `attributes.place=hall`: as the columns of an import. Throws a UserError for a word without a value. */
export function membersOf(words: readonly string[]): Entity {
  const entity: Record<string, unknown> = {};
  for (const word of words) {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
    if (name === '') throw new UserError(`Write member=value, for example name=Pump, not ${word}.`, { exitCode: 2 });
    const [, texts = '', member = ''] = /^(attributes|desired|reported)\.(.+)$/s.exec(name) ?? [];
    if (texts !== '') entity[texts] = { ...(entity[texts] as object | undefined), [member]: value };
    else if (name === 'password') entity['passwords'] = [value];
    else if (name === 'tags' || name === 'assetIds') entity[name] = value.split(' ').filter(Boolean);
    else entity[name] = value;
  }
  return entity;
}
