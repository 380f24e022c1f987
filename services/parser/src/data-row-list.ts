/**
 * From a raw message and what its script made of it to the record of `telemetry.points.v1`. Pure: parsing a message again
 * gives the same record, and so the same rows in the store.
 */
import type { DataRow, DataRowList, RawMessage } from '@millrace/contracts';
import type { DecodedUplink, FlatRow } from '@millrace/sandbox';
import { ordinalsOf } from './ordinals.ts';
import type { Recipe } from './recipe.ts';

/** Where the message lies in telemetry.raw.v1. */
export interface RawPlace {
  readonly partition: number;
  readonly offset: number;
  readonly index: number;
}

export function dataRowListOf(
  message: RawMessage,
  recipe: Recipe,
  { rows, timeMicros: scriptMicros, warnings }: DecodedUplink,
  place: RawPlace,
): DataRowList {
  const { timeMicros, fromSender } = baseTimeOf(message, scriptMicros, rows);
  return {
    messageId: message.messageId,
    part: 0,
    tenant: message.tenant,
    deviceUid: message.deviceUid,
    identificationCode: message.identificationCode,
    timeMicros,
    timeFromSender: fromSender,
    receivedAtMicros: message.receivedAtMicros,
    sequence: fromSender ? counterOf(message) : message.messageId.readUInt32BE(0),
    rows: dataRowsOf(rows, timeMicros),
    rawPayload: recipe.keepRawPayload ? message.payload : null,
    rawPartition: place.partition,
    rawOffset: place.offset,
    rawIndex: place.index,
    scriptVersion: recipe.scriptVersion,
    warnings,
  };
}

/**
 * The script's time, else the envelope's, else that of the rows when each has its own, else the time of receipt. Only when
 * every row has a time of the sender a repeat is recognised by times; otherwise the message's id tells rows apart.
 */
function baseTimeOf(
  { timeMicros, receivedAtMicros }: RawMessage,
  scriptMicros: number | null,
  rows: readonly FlatRow[],
): { timeMicros: number; fromSender: boolean } {
  const given = scriptMicros ?? timeMicros;
  if (given !== null) return { timeMicros: given, fromSender: true };
  const firstMicros = rows[0]?.timeMicros ?? null;
  if (firstMicros !== null && rows.every((row) => row.timeMicros !== null))
    return { timeMicros: firstMicros, fromSender: true };
  return { timeMicros: receivedAtMicros, fromSender: false };
}

const counter = /^\d{1,10}$/;

/** The frame counter of LoRaWAN; 0 for messages without one. */
function counterOf({ attributes: { fCnt } }: RawMessage): number {
  return fCnt !== undefined && counter.test(fCnt) ? Number(fCnt) : 0;
}

function dataRowsOf(rows: readonly FlatRow[], baseMicros: number): DataRow[] {
  const ordinals = ordinalsOf(rows, baseMicros);
  return rows.map(({ name, value, timeMicros }, index) => ({
    name,
    value,
    quality: 0,
    timeOffsetMicros: timeMicros === null ? 0 : timeMicros - baseMicros,
    ordinal: ordinals === undefined ? 0 : ordinals[index]!,
  }));
}
