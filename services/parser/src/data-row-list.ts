/**
 * From a raw message and what its script made of it to the records of `telemetry.points.v1`. Pure: parsing a message again
 * gives the same records, and so the same rows in the store.
 */
import type { DataRow, DataRowList, RawMessage } from '@millrace/contracts';
import type { DecodedUplink, FlatRow } from '@millrace/sandbox';
import { type DevicesByCode, type MessagePart, partsOf } from './message-parts.ts';
import { ordinalsOf } from './ordinals.ts';
import type { Recipe } from './recipe.ts';
import type { Failure } from './taken-messages.ts';

/** Where the message lies in telemetry.raw.v1. */
export interface RawPlace {
  readonly partition: number;
  readonly offset: number;
  readonly index: number;
}

/**
 * One list per device that the message is about, the sender's first. The message's bytes and warnings are in the sender's alone. Gives
 * `unknown_sub_device` as message-parts.ts says.
 */
export function dataRowListsOf(
  message: RawMessage,
  recipe: Recipe,
  decoded: DecodedUplink,
  place: RawPlace,
  devices: DevicesByCode,
): readonly DataRowList[] | Failure {
  const parts = partsOf(message, decoded.rows, devices);
  if ('code' in parts) return parts;
  return parts.map((part, index) => dataRowListOf(message, recipe, decoded, place, part, index));
}

function dataRowListOf(
  message: RawMessage,
  recipe: Recipe,
  { timeMicros: scriptMicros, warnings }: DecodedUplink,
  place: RawPlace,
  { deviceUid, identificationCode, rows }: MessagePart,
  part: number,
): DataRowList {
  const { timeMicros, fromSender } = baseTimeOf(message, scriptMicros, rows);
  const isOfSender = part === 0;
  return {
    messageId: message.messageId,
    part,
    tenant: message.tenant,
    deviceUid,
    identificationCode,
    timeMicros,
    timeFromSender: fromSender,
    receivedAtMicros: message.receivedAtMicros,
    sequence: fromSender ? counterOf(message) : message.messageId.readUInt32BE(0),
    rows: dataRowsOf(rows, timeMicros),
    rawPayload: isOfSender && recipe.keepRawPayload ? message.payload : null,
    rawPartition: place.partition,
    rawOffset: place.offset,
    rawIndex: place.index,
    scriptVersion: recipe.scriptVersion,
    warnings: isOfSender ? warnings : noWarnings,
  };
}

const noWarnings: readonly string[] = [];

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
  return rows.map(({ name, value, timeMicros, quality }, index) => ({
    name,
    value,
    quality,
    timeOffsetMicros: timeMicros === null ? 0 : timeMicros - baseMicros,
    ordinal: ordinals === undefined ? 0 : ordinals[index]!,
  }));
}
