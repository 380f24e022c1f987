/**
 * Data row lists as lines of QuestDB's protocol version 2, the hot path of storing. One line is
 *
 *     <table>,tenant=<symbol>,device=<symbol>,signal=<symbol> value==<0x10><double, 8 bytes little endian>,
 *     kind=<integer>i,quality=<integer>i,received=<microseconds>t,seq=<integer>i <microseconds>t\n
 *
 * without the break; text is `text="<escaped>"` in place of `value`, null has neither. The official client needs 2.7 µs of
 * CPU for such a row. Here a row is a few copies: what a device or a signal writes is kept as bytes, and the end of the
 * line, the same for most rows of a message, is written once for each message.
 */
import { type DataRow, type DataRowList, deviceKey } from '@millrace/contracts';
import { BoundedCache } from './bounded-cache.ts';
import { LineBuffer } from './line-buffer.ts';
import { escapeSymbol, escapeText } from './line-escapes.ts';
import { identityFault, rowNumber, rowTimeMicros } from './point-identity.ts';
import { pointKinds } from './point-kind.ts';

/** Devices whose line starts are kept: 100 bytes each. */
const devicesKeptMax = 50_000;

/** Signals whose names are kept; products share them. */
const signalsKeptMax = 20_000;

/** Bytes of a line besides its start, signal and text: names, four numbers of at most 16 digits, the double. */
const lineRestBytesMax = 160;

/** UTF-8 takes at most three bytes for each UTF-16 unit. */
const utf8BytesPerUnitMax = 3;

const doubleStart = Buffer.from(' value==\x10', 'latin1');
const textStart = Buffer.from(' text="');
const doubleKind = Buffer.from(`,kind=${pointKinds.double}i`);
const booleanKind = Buffer.from(`,kind=${pointKinds.boolean}i`);
const textKind = Buffer.from(`",kind=${pointKinds.text}i`);
const nullKind = Buffer.from(` kind=${pointKinds.null}i`);
const quality = Buffer.from(',quality=');
const goodQuality = Buffer.from(',quality=0i');
const received = Buffer.from('i,received=');
const goodReceived = Buffer.from(',received=');
const sequence = Buffer.from('t,seq=');
const time = Buffer.from('i ');
const lineEnd = Buffer.from('t\n');

export class PointsEncoder {
  readonly #buffer = new LineBuffer();
  readonly #lineStarts: BoundedCache<Uint8Array>;
  readonly #signals = new BoundedCache<Uint8Array>(signalsKeptMax, (signal) => Buffer.from(escapeSymbol(signal)));
  readonly #table: string;
  #rows = 0;
  /** Where the common end of the list's lines was written first; from = to: not yet. */
  #commonFrom = 0;
  #commonTo = 0;

  constructor(table: string) {
    this.#table = table;
    this.#lineStarts = new BoundedCache(devicesKeptMax, (key) => this.#lineStart(key));
  }

  /** Lines since `clear`. */
  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return this.#buffer.length;
  }

  /** Encoded bytes between two values of `bytes`; valid until the next `append` or `clear`. */
  slice(from: number, to: number): Uint8Array {
    return this.#buffer.slice(from, to);
  }

  clear(): void {
    this.#buffer.clear();
    this.#rows = 0;
  }

  /** Appends a line for each row, or nothing: then it says why the list can not be stored. */
  append(list: DataRowList): string | undefined {
    const fault = identityFault(list);
    if (fault !== undefined) return fault;
    const lineStart = this.#lineStarts.get(deviceKey(list.tenant, list.deviceUid));
    this.#commonTo = this.#commonFrom;
    for (const row of list.rows) this.#appendRow(list, row, lineStart);
    this.#rows += list.rows.length;
    return undefined;
  }

  #appendRow(list: DataRowList, row: DataRow, lineStart: Uint8Array): void {
    const buffer = this.#buffer;
    const signal = this.#signals.get(row.name);
    buffer.reserve(lineStart.length + signal.length + lineRestBytesMax);
    buffer.bytes(lineStart);
    buffer.bytes(signal);
    this.#appendValue(row.value);
    if (row.timeOffsetMicros === 0 && row.ordinal === 0 && row.quality === 0) this.#appendCommonEnd(list, row);
    else this.#appendEnd(list, row);
  }

  #appendValue(value: DataRow['value']): void {
    const buffer = this.#buffer;
    if (typeof value === 'number' && Number.isFinite(value)) {
      buffer.bytes(doubleStart);
      buffer.double(value);
      buffer.bytes(doubleKind);
    } else if (typeof value === 'string') this.#appendText(escapeText(value));
    else if (typeof value === 'boolean') {
      buffer.bytes(doubleStart);
      buffer.double(value ? 1 : 0);
      buffer.bytes(booleanKind);
    } else buffer.bytes(nullKind);
  }

  #appendText(escaped: string): void {
    const buffer = this.#buffer;
    buffer.reserve(escaped.length * utf8BytesPerUnitMax + lineRestBytesMax);
    buffer.bytes(textStart);
    buffer.text(escaped);
    buffer.bytes(textKind);
  }

  #appendCommonEnd(list: DataRowList, row: DataRow): void {
    const buffer = this.#buffer;
    if (this.#commonTo > this.#commonFrom) return buffer.repeat(this.#commonFrom, this.#commonTo);
    this.#commonFrom = buffer.length;
    buffer.bytes(goodQuality);
    buffer.bytes(goodReceived);
    this.#appendIdentity(list, row);
    this.#commonTo = buffer.length;
  }

  #appendEnd(list: DataRowList, row: DataRow): void {
    const buffer = this.#buffer;
    buffer.bytes(quality);
    buffer.text(String(row.quality));
    buffer.bytes(received);
    this.#appendIdentity(list, row);
  }

  #appendIdentity(list: DataRowList, row: DataRow): void {
    const buffer = this.#buffer;
    buffer.integer(list.receivedAtMicros);
    buffer.bytes(sequence);
    buffer.integer(rowNumber(list, row));
    buffer.bytes(time);
    buffer.integer(rowTimeMicros(list, row));
    buffer.bytes(lineEnd);
  }

  #lineStart(key: string): Uint8Array {
    const cut = key.indexOf('/');
    const tenant = escapeSymbol(key.slice(0, cut));
    const device = escapeSymbol(key.slice(cut + 1));
    return Buffer.from(`${this.#table},tenant=${tenant},device=${device},signal=`);
  }
}
