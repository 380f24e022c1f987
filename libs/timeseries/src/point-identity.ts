/** Which row a point is: its time and number besides tenant, device and signal. */
import type { DataRow, DataRowList } from '@millrace/contracts';

/** Rows of one message with the same name and time are numbered below this. */
export const ordinalsPerSequence = 1_024;

/** Beyond, a row number would leave the integers that a double holds exactly. */
const sequenceMax = 2 ** 42 - 1;

/** UTC microseconds. */
export function rowTimeMicros(list: DataRowList, row: DataRow): number {
  return list.timeMicros + row.timeOffsetMicros;
}

export function rowNumber(list: DataRowList, row: DataRow): number {
  return list.sequence * ordinalsPerSequence + row.ordinal;
}

/** Why rows of this list would get a wrong identity, or undefined. QuestDB could not know: it would store them elsewhere. */
export function identityFault(list: DataRowList): string | undefined {
  if (!(list.sequence >= 0 && list.sequence <= sequenceMax)) return `The sequence ${list.sequence} is out of range.`;
  if (!isTime(list.receivedAtMicros)) return `The time of receipt ${list.receivedAtMicros} is out of range.`;
  for (const row of list.rows) {
    if (!isTime(rowTimeMicros(list, row))) return `The time ${rowTimeMicros(list, row)} is out of range.`;
    if (!(row.ordinal >= 0 && row.ordinal < ordinalsPerSequence)) return `The ordinal ${row.ordinal} is out of range.`;
  }
  return undefined;
}

/** Since 1970, the first time QuestDB stores, and exact in a double. */
function isTime(micros: number): boolean {
  return micros >= 0 && micros <= Number.MAX_SAFE_INTEGER;
}
