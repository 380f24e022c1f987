/** What every format of point files promises, and what is particular to one. */
import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import type { NamedPoint } from '../point-pages.ts';
import { csvFormat, textCell } from './csv.format.ts';
import { parquetFormat, rowGroupRows } from './parquet.format.ts';
import { type PointFormat, pointFileColumns } from './point-format.ts';

type Row = Readonly<Record<(typeof pointFileColumns)[number], unknown>>;

/** A member of the family with an independent reader of it. */
interface Member {
  readonly name: string;
  readonly format: PointFormat;
  readonly read: (file: Buffer) => Promise<readonly Row[]>;
}

const members: readonly Member[] = [
  { name: 'csv', format: csvFormat, read: async (file) => rowsOfCsv(file.toString()) },
  { name: 'parquet', format: parquetFormat, read: rowsOfParquet },
];

const point: NamedPoint = {
  timeMicros: 1_760_000_000_123_456,
  device: 'pump-1',
  signal: 't',
  seq: 0,
  value: 21.5,
  quality: 0,
  receivedAtMicros: 1_760_000_000_200_001,
};

const anyPoint: fc.Arbitrary<NamedPoint> = fc.record({
  timeMicros: fc.integer({ min: 0, max: 7_258_118_399_999_999 }),
  device: fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/),
  signal: awkward(1),
  seq: fc.nat(),
  value: fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    awkward(0),
    fc.boolean(),
    fc.constant(null),
  ),
  quality: fc.integer({ min: -128, max: 127 }),
  receivedAtMicros: fc.integer({ min: 0, max: 7_258_118_399_999_999 }),
});

test.each(members)('$name gives every point back as it was', async ({ format, read }) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(anyPoint, { minLength: 1, maxLength: 5 }), { maxLength: 4 }), async (pages) => {
      expect(await read(await fileOf(format, pages))).toEqual(pages.flat().map(rowOf));
    }),
    { numRuns: 200 },
  );
});

test.each(members)('$name asks for a page when the bytes of the one before were taken', async ({ format }) => {
  let asked = 0;
  async function* pages() {
    for (; asked < 3; asked += 1) yield Array.from({ length: rowGroupRows }, (_, value) => ({ ...point, value }));
  }
  let takenPages = 0;
  for await (const piece of format.encode(pages())) {
    expect(asked).toBeLessThanOrEqual(takenPages + 1);
    if (piece.byteLength > 10_000) takenPages += 1;
  }
  expect(takenPages).toBe(3);
});

test.each(members)('$name ends with the error of its pages', async ({ format }) => {
  async function* pages() {
    yield [point];
    throw new Error('the store went away');
  }
  await expect(collected(format.encode(pages()))).rejects.toThrow('the store went away');
});

test('a Parquet file that was cut off cannot be opened', async () => {
  const file = await fileOf(parquetFormat, [[point, point]]);
  expect(parquetMetadata(arrayBufferOf(file)).num_rows).toBe(2n);
  for (const bytes of [file.length - 1, Math.floor(file.length / 2), 4])
    expect(() => parquetMetadata(arrayBufferOf(file.subarray(0, bytes)))).toThrow();
});

test('pages that are small are one row group, and times are UTC microseconds for every reader', async () => {
  const { row_groups: groups, schema } = parquetMetadata(
    arrayBufferOf(await fileOf(parquetFormat, [[point], [point], [point]])),
  );
  expect(groups).toHaveLength(1);
  const logical = { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' };
  expect(schema.find(({ name }) => name === 'time')?.logical_type).toEqual(logical);
});

test('no text is a formula for a spreadsheet, and every text can be had back', () => {
  fc.assert(
    fc.property(awkward(0), (text) => {
      const [[cell = '']] = cellsOf(`${textCell(text)}\r\n`) as [string[]];
      expect(cell).not.toMatch(/^[=+\-@\t\r\n]/);
      expect(cell.replace(/^'/, '')).toBe(text);
    }),
  );
});

test.each([
  ['=1+1', `'=1+1`],
  ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
  ['-2', `'-2`],
  ["'quoted", `''quoted`],
  ['plain', 'plain'],
  ['', '""'],
])('the text %s is the cell %s', (text, cell) => expect(textCell(text)).toBe(cell));

test('a negative number stays a number', async () => {
  expect((await fileOf(csvFormat, [[{ ...point, value: -2.5 }]])).toString()).toContain(',t,-2.5,,,0,');
});

function awkward(minLength: number): fc.Arbitrary<string> {
  const unit = fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', "'", '"', ',', ';', ' ', 'a', '0', 'é', '温', '🌡');
  return fc.string({ unit, minLength, maxLength: 8 });
}

async function collected(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

async function fileOf(format: PointFormat, pages: readonly (readonly NamedPoint[])[]): Promise<Buffer> {
  async function* given() {
    yield* pages;
  }
  return Buffer.concat(await collected(format.encode(given())));
}

function rowOf({ timeMicros, device, signal, value, quality, receivedAtMicros }: NamedPoint): Row {
  return {
    time: timeMicros,
    device,
    signal,
    value: typeof value === 'number' ? value : null,
    text: typeof value === 'string' ? value : null,
    boolean: typeof value === 'boolean' ? value : null,
    quality,
    received_at: receivedAtMicros,
  };
}

async function rowsOfParquet(file: Buffer): Promise<readonly Row[]> {
  const parsers = { timestampFromMicroseconds: (micros: bigint) => Number(micros) };
  const options = { file: arrayBufferOf(file), parsers } as unknown as Parameters<typeof parquetReadObjects>[0];
  return (await parquetReadObjects(options)) as unknown as readonly Row[];
}

function arrayBufferOf(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

/** An own reader of RFC 4180, with the apostrophe taken away; an unquoted empty cell is null. */
function rowsOfCsv(file: string): readonly Row[] {
  const [header, ...records] = cellsOf(file);
  expect(header).toEqual([...pointFileColumns]);
  return records.map(([time, device, name, value, text, boolean, quality, receivedAt]) => ({
    time: microsOf(time),
    device: device?.replace(/^'/, ''),
    signal: name?.replace(/^'/, ''),
    value: value === null ? null : Number(value),
    text: text?.replace(/^'/, '') ?? null,
    boolean: boolean === null ? null : boolean === 'true',
    quality: Number(quality),
    received_at: microsOf(receivedAt),
  }));
}

function microsOf(iso: string | null | undefined): number {
  const [, toMs = '', below] = /^(.{23})(\d{3})Z$/.exec(iso ?? '') ?? [];
  return Date.parse(`${toMs}Z`) * 1_000 + Number(below);
}

function cellsOf(file: string): (string | null)[][] {
  const records: (string | null)[][] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  let record: (string | null)[] = [];
  let read = 0;
  for (let found = cell.exec(file); found; found = cell.exec(file)) {
    const [all, quoted, bare = '', end] = found;
    record.push(quoted?.replaceAll('""', '"') ?? (bare === '' ? null : bare));
    if (end === '\r\n') records.push(record);
    if (end === '\r\n') record = [];
    read += all.length;
  }
  expect(read).toBe(file.length);
  return records;
}
