/** The types that editors get are those of what the platform gives and takes. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'millrace-types-'));
afterAll(() => rmSync(folder, { recursive: true }));

function complaintsIn(project: string): readonly string[] {
  const { stdout, error } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', project], { encoding: 'utf8' });
  if (error) throw error;
  return stdout.split('\n').filter((line) => / error /.test(line));
}

test('the examples are of these types', () => {
  expect(complaintsIn(join(import.meta.dirname, 'jsconfig.json'))).toEqual([]);
});

const decoder = (body: string): string =>
  `/** @type {Millrace.DecodeUplink} */\nfunction decodeUplink(input) { ${body} }`;
const encoder = (body: string): string =>
  `/** @type {Millrace.EncodeDownlink<{ on: boolean }>} */\nfunction encodeDownlink(input) { ${body} }`;

const wrong: readonly (readonly [string, string])[] = [
  ['an input that there is not', decoder('return { data: { a: input.payload } };')],
  ['bytes that are changed in type', decoder('return { data: { a: input.bytes.toFixed() } };')],
  ['no result', decoder('input.bytes.length;')],
  ['an unknown member of the result', decoder('return { data: {}, rows: [] };')],
  ['a value that is a function', decoder('return { data: { a: () => 1 } };')],
  ['an element without values', decoder('return { data: [{ time: 1 }] };')],
  ['another quality', decoder('return { data: [{ values: {}, quality: "Good" }] };')],
  ['a code that is a number', decoder('return { data: [{ values: {}, identificationCode: 7 }] };')],
  ['a time that is none', decoder('return { data: {}, time: true };')],
  ['errors as text', decoder('return { errors: "short" };')],
  ['what the sandbox does not have', decoder('setTimeout(() => 1, 1); return { data: {} };')],
  ['a number that a Buffer does not know', decoder('return { data: { a: Buffer.from(input.bytes).readInt24BE(0) } };')],
  ['a command of another form', encoder('return { bytes: [input.data.off] };')],
  ['bytes as text', encoder('return { bytes: "01" };')],
  ['no bytes', encoder('return { fPort: 1 };')],
];

test('what the platform refuses, an editor marks', () => {
  mkdirSync(join(folder, 'src'));
  const { compilerOptions } = JSON.parse(readFileSync(join(import.meta.dirname, 'jsconfig.json'), 'utf8')) as {
    readonly compilerOptions: object;
  };
  const types = join(import.meta.dirname, 'millrace.d.ts');
  writeFileSync(join(folder, 'jsconfig.json'), JSON.stringify({ compilerOptions, include: ['src', types] }));
  for (const [index, [, source]] of wrong.entries()) writeFileSync(join(folder, `src/${index}.js`), source);
  const marked = new Set(complaintsIn(join(folder, 'jsconfig.json')).map((line) => /(\d+)\.js\(/.exec(line)?.[1]));
  expect(wrong.filter((_, index) => !marked.has(String(index))).map(([what]) => what)).toEqual([]);
});
