/** Files into rows: the same ones however the bytes arrive. */
import { Readable } from 'node:stream';
import type { MillraceError } from '@millrace/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvRows } from './csv-rows.ts';
import { boundedBytes, type ImportRow, rowBytesMax } from './import-rows.ts';
import { ndjsonRows } from './ndjson-rows.ts';

type Reader = (pieces: AsyncIterable<Buffer>) => AsyncIterable<ImportRow>;

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function* inPieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  for (const [index, place] of places.entries()) yield bytes.subarray(places[index - 1] ?? 0, place);
}

async function read(
  reader: Reader,
  file: string | Buffer,
  cuts: readonly number[] = [],
): Promise<readonly ImportRow[]> {
  return all(reader(inPieces(Buffer.from(file), cuts)));
}

const refused = (reader: Reader, file: string | Buffer): Promise<MillraceError> =>
  read(reader, file).then(
    () => expect.unreachable('the file was read'),
    (error) => error as MillraceError,
  );

const cuts = fc.array(fc.nat(4_000), { maxLength: 12 });
/** Whatever a cell may hold, quoted. */
const cell = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => text !== '');

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

test('a CSV file gives the same rows however it is cut', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.record({ deviceUid: cell, name: cell, place: cell }), { minLength: 1 }),
    fc.constantFrom('\n', '\r\n', '\r'),
    fc.boolean(),
    cuts,
    async (devices, end, mark, places) => {
      const lines = devices.map(({ deviceUid, name, place }) => [deviceUid, name, place].map(quoted).join(','));
      const text = ['deviceUid,name,attributes.place', ...lines].join(end);
      expect(await read(csvRows, `${mark ? '\uFEFF' : ''}${text}`, places)).toEqual(
        devices.map(({ deviceUid, name, place }, index) => ({
          row: index + 1,
          device: { deviceUid, name, attributes: { place } },
        })),
      );
    },
  );
  await fc.assert(property);
});

test('a file of JSON lines gives the same rows however it is cut', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.dictionary(cell, fc.jsonValue(), { noNullPrototype: true }), { minLength: 1 }),
    fc.constantFrom('\n', '\r\n', '\n\n'),
    fc.boolean(),
    cuts,
    async (devices, end, isEnded, places) => {
      const texts = devices.map((device) => JSON.stringify(device));
      fc.pre(!texts.join('').includes('"__proto__"'));
      expect(await read(ndjsonRows, texts.join(end) + (isEnded ? end : ''), places)).toEqual(
        texts.map((text, index) => ({ row: index + 1, device: JSON.parse(text) as unknown })),
      );
    },
  );
  await fc.assert(property);
});

test('what looks like a formula, a number or a date stays text', async () => {
  const cells = ['=1+1', '+49', '-3', '@x', '007', '1e3', '2026-01-02', 'TRUE', ' a '];
  const rows = await read(csvRows, ['deviceUid', ...cells].join('\n'));
  expect(rows.map((row) => 'device' in row && row.device)).toEqual(cells.map((deviceUid) => ({ deviceUid })));
});

test('an empty cell says nothing; a password is a list of one', async () => {
  const [row] = await read(
    csvRows,
    'deviceUid, name ,identificationCode,attributes.a,password\nd1,,,,"geheim, ""x"""\n',
  );
  expect(row).toEqual({ row: 1, device: { deviceUid: 'd1', passwords: ['geheim, "x"'] } });
});

test.each([
  ['deviceUid,colour\n', 'colour', 'unknown_column'],
  ['deviceUid,tenant\n', 'tenant', 'unknown_column'],
  ['deviceUid,attributes.\n', 'attributes.', 'unknown_column'],
  ['deviceUid,attributes.__proto__\n', 'attributes.__proto__', 'unknown_column'],
  ['deviceUid;name\n', 'deviceUid;name', 'unknown_column'],
  ['deviceUid,name,name\n', 'name', 'duplicate'],
  ['name\n', 'deviceUid', 'missing'],
])('the header %j is refused', async (file, field, code) => {
  const error = await refused(csvRows, file);
  expect([error.code, error.errors[0]]).toMatchObject(['invalid_field', { field, code }]);
});

test.each([
  ['nothing in it', '', 'empty_body', /first row/],
  ['Latin letters', Buffer.from('deviceUid,name\nd1,M\xfcller\n', 'latin1'), 'malformed_body', /UTF-8/],
  ['text behind a quote', 'deviceUid,name\nd1,"a"b\n', 'malformed_body', /^Line 2 of the file: behind a closing quote/],
  ['a quote within', 'deviceUid,name\nd1,a\nd2,secret"b\n', 'malformed_body', /^Line 3 of the file: a quote stands/],
  ['an open quote', 'deviceUid,name\nd1,"a\n', 'malformed_body', /a quote is not closed/],
  ['a row too long', `deviceUid,name\nd1,${'x'.repeat(rowBytesMax)}\n`, 'malformed_body', /^Line 2 .+ at most/],
])('a CSV file with %s is refused', async (_, file, code, sentence) => {
  const error = await refused(csvRows, file);
  expect(error).toMatchObject({ code, message: expect.stringMatching(sentence) });
  expect(error.message).not.toContain('secret');
});

test('rows in front of a place that cannot be read are given before it is told', async () => {
  const rows = csvRows(inPieces(Buffer.from('deviceUid,name\nd1,a\nd2,b\nd3,"c"c\n'), []));
  for (const deviceUid of ['d1', 'd2']) expect((await rows.next()).value).toMatchObject({ device: { deviceUid } });
  await expect(rows.next()).rejects.toThrow('Line 4 of the file');
});

test('a row with another number of cells is wrong by itself', async () => {
  const rows = await read(csvRows, 'deviceUid,name\nd1\nd2,a,b\nd3,c\n');
  expect(rows).toMatchObject([
    { errors: [{ code: 'cells' }] },
    { errors: [{ code: 'cells' }] },
    { row: 3, device: {} },
  ]);
});

test('a wrong line of JSON costs itself alone, and does not show itself', async () => {
  const lines = [
    '{"deviceUid":"d1"}',
    '{"password":"hunter2"',
    `"${'x'.repeat(rowBytesMax)}"`,
    '{"__proto__":{"state":"x"}}',
    '  ',
    '3',
  ];
  const rows = await read(
    ndjsonRows,
    Buffer.concat([Buffer.from(lines.join('\n')), Buffer.from('\n"\xff"', 'latin1')]),
  );
  expect(rows.map((row) => ('errors' in row ? row.errors[0]!.code : row.device))).toEqual([
    { deviceUid: 'd1' },
    'malformed_json',
    'too_long',
    'malformed_json',
    3,
    'malformed_json',
  ]);
  expect(JSON.stringify(rows)).not.toContain('hunter2');
});

test('a file is read up to its limit, and a signal ends the wait for more', async () => {
  const never = new AbortController().signal;
  await expect(all(boundedBytes(Readable.from([Buffer.alloc(6), Buffer.alloc(6)]), never, 11))).rejects.toThrow(
    expect.objectContaining({ code: 'body_too_large' }),
  );
  const stalled = new Readable({ read: () => undefined });
  stalled.push(Buffer.from('a'));
  const stopping = new AbortController();
  const bytes = boundedBytes(stalled, stopping.signal);
  expect((await bytes.next()).value).toEqual(Buffer.from('a'));
  const next = bytes.next();
  stopping.abort(new Error('stop'));
  await expect(next).rejects.toThrow('stop');
  expect(stalled.destroyed).toBe(false);
});

test('a reader that has enough leaves the stream as it is, so that its request can be answered', async () => {
  const stream = Readable.from([Buffer.from('a'), Buffer.from('b')]);
  const bytes = boundedBytes(stream, new AbortController().signal);
  await bytes.next();
  await bytes.return(undefined);
  expect(stream.destroyed).toBe(false);
});
