import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowsOf } from './rows.ts';

const never = new AbortController().signal;
const csv = { format: 'csv', delimiter: ',' } as const;

async function valuesOf(text: string | Buffer, delimiter = ','): Promise<readonly unknown[]> {
  const rows = await rowsOf(Buffer.from(text), { ...csv, delimiter }, never);
  return rows.map(({ payload }) => JSON.parse(payload.toString()) as unknown);
}

const refusal = (detail: string) =>
  expect.objectContaining({ code: 'malformed_body', message: expect.stringContaining(detail) as string });

test.each([
  ['a,b\n1,2', [{ a: 1, b: 2 }]],
  ['\ufeffa,b\r\n1,2\r\n', [{ a: 1, b: 2 }]],
  [' a , b \r1,\r\r,x y', [{ a: 1 }, { b: 'x y' }]],
  ['a', []],
  ['', []],
  ['a,b,c,d\n007,-0.5,1e3,1e999', [{ a: '007', b: -0.5, c: 1000, d: '1e999' }]],
  ['a,b\n12345678901234567890,0x10', [{ a: '12345678901234567890', b: '0x10' }]],
  ['a\n"x\ny"', [{ a: 'x\ny' }]],
])('%j has these rows', async (text, rows) => {
  expect(await valuesOf(text)).toEqual(rows);
});

test('another delimiter is taken', async () => {
  expect(await valuesOf('a;b\n1,5;2', ';')).toEqual([{ a: '1,5', b: 2 }]);
});

test.each([
  ['a,b\n1', 'another number of cells'],
  ['a,a\n1,2', 'twice'],
  ['a\n"x', 'quote'],
  ['a\n"x"y', 'no CSV'],
])('%j is refused as a whole: %s', async (text, detail) => {
  await expect(valuesOf(text)).rejects.toEqual(refusal(detail));
});

test('what is not UTF-8 is refused, not guessed', async () => {
  await expect(valuesOf(Buffer.from([0x61, 0x0a, 0xff]))).rejects.toEqual(refusal('UTF-8'));
});

test('no more rows than the limit are read, and a signal ends the reading', async () => {
  await expect(valuesOf(`a\n${'1\n'.repeat(10_001)}`)).rejects.toMatchObject({ code: 'body_too_large' });
  expect(await valuesOf(`a\n${'1\n'.repeat(10_000)}`)).toHaveLength(10_000);
  const aborted = AbortSignal.abort(new Error('Enough.'));
  await expect(rowsOf(Buffer.from('a\n1'), csv, aborted)).rejects.toThrow('Enough.');
});

test('whatever text stands in the cells comes back, however it is quoted', async () => {
  const cell = fc.string({ unit: 'grapheme' }).filter((text) => text !== '' && !/^-?\d/.test(text));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1 }), async (rows) => {
      const quoted = rows.map((cells) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(','));
      expect(await valuesOf(['a,b', ...quoted].join('\n'))).toEqual(rows.map(([a, b]) => ({ a, b })));
    }),
  );
});

test('whatever bytes come, they are rows or refused with a code', async () => {
  const forms = [csv, { format: 'json', rows: (document: unknown) => document, pointer: '' } as const];
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), fc.constantFrom(...forms), async (bytes, form) => {
      const code = await rowsOf(Buffer.from(bytes), form, never).then(
        () => 'rows',
        (error: { readonly code: string }) => error.code,
      );
      expect(['rows', 'malformed_body']).toContain(code);
    }),
  );
});
