/** Whether the rows of one message can be seen in the store: acknowledged ones become visible a little later. */
import type { DataRow, DataRowList } from '@millrace/contracts';
import { rowNumber, rowTimeMicros } from './point-identity.ts';
import type { QuestDb } from './questdb.ts';
import { sqlLong, sqlText } from './sql-text.ts';

/** Rows of the device between the first and the last of the message that the answer may have; those of others too. */
const rowsMax = 20_000;

/** How many of the list's rows the table shows. Throws `store_unavailable`. */
export async function countStoredRows(
  store: Pick<QuestDb, 'query'>,
  table: string,
  list: DataRowList,
  signal?: AbortSignal,
): Promise<number> {
  if (list.rows.length === 0) return 0;
  const found = await store.query(presenceStatement(table, list), signal);
  const shown = new Set(found.map(([time, name, number]) => JSON.stringify([time, name, number])));
  return list.rows.filter((row) => shown.has(identityOf(list, row))).length;
}

function identityOf(list: DataRowList, row: DataRow): string {
  return JSON.stringify([rowTimeMicros(list, row), row.name, rowNumber(list, row)]);
}

function presenceStatement(table: string, list: DataRowList): string {
  const times = list.rows.map((row) => rowTimeMicros(list, row));
  const numbers = list.rows.map((row) => rowNumber(list, row));
  return (
    `SELECT cast(ts AS LONG), signal, seq FROM ${table} ` +
    `WHERE ts >= ${sqlLong(Math.min(...times))} AND ts <= ${sqlLong(Math.max(...times))} ` +
    `AND tenant = ${sqlText(list.tenant)} AND device = ${sqlText(list.deviceUid)} ` +
    `AND seq >= ${sqlLong(Math.min(...numbers))} AND seq <= ${sqlLong(Math.max(...numbers))} LIMIT ${rowsMax}`
  );
}
