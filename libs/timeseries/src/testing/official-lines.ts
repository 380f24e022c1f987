/** The same rows written by QuestDB's own client: the reference of our encoder. */
import type { DataRow, DataRowList } from '@millrace/contracts';
import { SenderBufferV2, SenderOptions } from '@questdb/nodejs-client';
import { rowNumber, rowTimeMicros } from '../point-identity.ts';

export function officialLines(table: string, lists: readonly DataRowList[]): Buffer {
  const buffer = new SenderBufferV2(new SenderOptions('http::addr=localhost;protocol_version=2'));
  for (const list of lists) for (const row of list.rows) appendOfficially(buffer, table, list, row);
  return buffer.toBufferNew() ?? Buffer.alloc(0);
}

function appendOfficially(buffer: SenderBufferV2, table: string, list: DataRowList, row: DataRow): void {
  buffer.table(table).symbol('tenant', list.tenant).symbol('device', list.deviceUid).symbol('signal', row.name);
  const { value } = row;
  if (typeof value === 'number') buffer.floatColumn('value', value);
  if (typeof value === 'string') buffer.stringColumn('text', value);
  if (typeof value === 'boolean') buffer.floatColumn('value', value ? 1 : 0);
  buffer.intColumn('kind', { object: 0, number: 1, string: 2, boolean: 3 }[typeof value as 'object']);
  buffer.intColumn('quality', row.quality);
  buffer.timestampColumn('received', list.receivedAtMicros, 'us');
  buffer.intColumn('seq', rowNumber(list, row));
  buffer.at(rowTimeMicros(list, row), 'us');
}
