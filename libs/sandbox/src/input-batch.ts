/**
 * The inputs of a batch, by columns: an input is an object with one property per column. Column-wise, a batch crosses into the
 * isolate as one text and one block of bytes, whatever its size.
 *
 *     text    [{name, kind, table?}]      JSON; `table` holds each object of a `shared` column once, those of a `series` in order
 *     bytes   double × columns × count    number, milliseconds, index into the table, or length; column after column
 *             byte × sum of lengths       input after input
 */

/** `[milliseconds since 1970 UTC, value, quality]` */
export type SeriesPoint = readonly [number, number | string | boolean | null, number];

/** Points by the name of what they are of. */
export type Series = Readonly<Record<string, readonly SeriesPoint[]>>;

export type InputColumn =
  /** The script sees an array of numbers, as LoRaWAN codecs expect. */
  | { readonly name: string; readonly kind: 'bytes'; readonly values: readonly Uint8Array[] }
  /** Undefined: the script sees undefined. */
  | { readonly name: string; readonly kind: 'number'; readonly values: readonly (number | undefined)[] }
  /** Milliseconds since 1970 UTC; the script sees a Date. */
  | { readonly name: string; readonly kind: 'time'; readonly values: readonly number[] }
  /** Flat objects, or objects with flat ones in them; the same object crosses once. The script sees all of them frozen. */
  | { readonly name: string; readonly kind: 'shared'; readonly values: readonly object[] }
  /** The script sees an array of `{time, value, quality}` under each name, with Dates. */
  | { readonly name: string; readonly kind: 'series'; readonly values: readonly Series[] };

export interface InputBatch {
  readonly count: number;
  /** Each with `count` values. */
  readonly columns: readonly InputColumn[];
}

/** The batch that holds only the inputs at these indexes. */
export function inputsAt({ columns }: InputBatch, indexes: readonly number[]): InputBatch {
  return {
    count: indexes.length,
    columns: columns.map(
      (column) => ({ ...column, values: indexes.map((index) => column.values[index]) }) as InputColumn,
    ),
  };
}

/** The batch as it crosses; `bytes` is 8 bytes per column and input, and the payloads. */
export function encodeInputs(batch: InputBatch): { text: string; bytes: Uint8Array<ArrayBuffer> } {
  const { count, columns } = batch;
  const numbersLength = columns.length * count;
  const bytes = new Uint8Array(new ArrayBuffer(numbersLength * 8 + payloadBytesOf(batch)));
  const numbers = new Float64Array(bytes.buffer, 0, numbersLength);
  const descriptions: object[] = [];
  let at = 0;
  for (const column of columns) {
    descriptions.push(writeColumn(column, numbers, at));
    at += count;
  }
  writePayloads(batch, bytes, numbersLength * 8);
  return { text: JSON.stringify(descriptions), bytes };
}

function payloadBytesOf({ columns }: InputBatch): number {
  let sum = 0;
  for (const column of columns) if (column.kind === 'bytes') for (const { length } of column.values) sum += length;
  return sum;
}

function writeColumn(column: InputColumn, numbers: Float64Array, from: number): object {
  const { name, kind } = column;
  switch (kind) {
    case 'bytes':
      for (let index = 0; index < column.values.length; index += 1)
        numbers[from + index] = column.values[index]!.length;
      return { name, kind };
    case 'number':
      for (let index = 0; index < column.values.length; index += 1) numbers[from + index] = column.values[index] ?? NaN;
      return { name, kind };
    case 'time':
      for (let index = 0; index < column.values.length; index += 1) numbers[from + index] = column.values[index]!;
      return { name, kind };
    case 'shared':
      return { name, kind, table: writeShared(column.values, numbers, from) };
    case 'series':
      for (let index = 0; index < column.values.length; index += 1) numbers[from + index] = index;
      return { name, kind, table: column.values };
  }
}

function writeShared(values: readonly object[], numbers: Float64Array, from: number): object[] {
  const indexes = new Map<object, number>();
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index]!;
    let place = indexes.get(value);
    if (place === undefined) indexes.set(value, (place = indexes.size));
    numbers[from + index] = place;
  }
  return [...indexes.keys()];
}

function writePayloads({ count, columns }: InputBatch, bytes: Uint8Array, from: number): void {
  const payloads = columns.filter((column) => column.kind === 'bytes');
  let at = from;
  for (let index = 0; index < count; index += 1)
    for (const { values } of payloads) {
      bytes.set(values[index]!, at);
      at += values[index]!.length;
    }
}
