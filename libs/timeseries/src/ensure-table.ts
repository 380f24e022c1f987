/** Creates a table before its first row, or refuses one that is there and would lose or double rows. */
import { MillraceError } from '@millrace/contracts';
import type { QuestDb } from './questdb.ts';
import { sqlText } from './sql-text.ts';
import { createTableStatement, type TableDefinition } from './table-definition.ts';

/** What QuestDB says of a table. */
export interface TableFound {
  readonly dedup: boolean;
  readonly wal: boolean;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly key: boolean }[];
}

/**
 * Throws `configuration_invalid` when the table differs in what rows need (columns, keys, dedup, WAL), `store_unavailable`
 * while QuestDB does not answer. Its indexes are the operator's once it exists, and so is its retention: see `applyRetention`.
 */
export async function ensureTable(store: QuestDb, table: TableDefinition, signal?: AbortSignal): Promise<void> {
  await store.query(createTableStatement(table), signal);
  const difference = tableDifference(table, await findTable(store, table.name, signal));
  if (difference !== undefined)
    throw new MillraceError(
      'configuration_invalid',
      `Table ${table.name} in QuestDB ${difference}; rename or drop it, it is made again at the next start.`,
    );
}

/** The first difference that matters, as the rest of a sentence about the table; undefined: none. */
export function tableDifference(table: TableDefinition, found: TableFound): string | undefined {
  if (!found.wal) return 'is not a WAL table';
  if (!found.dedup) return 'has no DEDUP UPSERT KEYS, so a repeated batch would be stored twice';
  for (const { name, type } of table.columns) {
    const column = found.columns.find((other) => other.name === name);
    if (!column) return `has no column ${name} ${type}`;
    if (column.type !== type) return `has a column ${name} of type ${column.type} instead of ${type}`;
    if (column.key !== table.keys.includes(name))
      return column.key ? `has ${name} among its keys, which would merge rows` : `lacks ${name} among its keys`;
  }
  const stranger = found.columns.find(({ name }) => !table.columns.some((column) => column.name === name));
  return stranger && `has a column ${stranger.name} that does not belong there`;
}

async function findTable(store: QuestDb, name: string, signal?: AbortSignal): Promise<TableFound> {
  const tables = await store.query(
    `SELECT dedup, walEnabled FROM tables() WHERE table_name = ${sqlText(name)}`,
    signal,
  );
  const columns = await store.query(`SELECT "column", type, upsertKey FROM table_columns(${sqlText(name)})`, signal);
  const [dedup, wal] = tables[0] ?? [];
  return {
    dedup: dedup === true,
    wal: wal === true,
    columns: columns.map(([column, type, key]) => ({ name: String(column), type: String(type), key: key === true })),
  };
}
