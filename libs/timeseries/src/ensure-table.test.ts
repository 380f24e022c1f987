import { expect, test } from 'vitest';
import { tableDifference, type TableFound } from './ensure-table.ts';
import { pointsTable } from './points-table.ts';
import { createTableStatement } from './table-definition.ts';

const table = pointsTable('points_30d', '30d');

const asDefined: TableFound = {
  dedup: true,
  wal: true,
  columns: table.columns.map(({ name, type }) => ({ name, type, key: table.keys.includes(name) })),
};

test('the statement creates a table that drops old days and replaces a repeated row', () => {
  expect(createTableStatement(table)).toBe(
    'CREATE TABLE IF NOT EXISTS points_30d (ts TIMESTAMP, tenant SYMBOL CAPACITY 512, device SYMBOL CAPACITY 16384, ' +
      'signal SYMBOL CAPACITY 4096, seq LONG, value DOUBLE, text VARCHAR, kind BYTE, quality BYTE, received TIMESTAMP) ' +
      'TIMESTAMP(ts) PARTITION BY DAY TTL 30 DAYS WAL DEDUP UPSERT KEYS(ts, tenant, device, signal, seq)',
  );
});

test('a table that keeps everything has no limit of age', () => {
  expect(createTableStatement(pointsTable('points_forever', 'forever'))).not.toContain('TTL');
});

test('a table as defined is accepted', () => {
  expect(tableDifference(table, asDefined)).toBeUndefined();
});

test.each([
  ['without dedup', { dedup: false }, /no DEDUP/],
  ['without WAL', { wal: false }, /not a WAL table/],
  ['without a column', { columns: asDefined.columns.slice(1) }, /has no column ts TIMESTAMP/],
  ['with a column of another type', { columns: replaced('value', { type: 'FLOAT' }) }, /value of type FLOAT/],
  ['with a key too few', { columns: replaced('seq', { key: false }) }, /lacks seq/],
  ['with a key too many', { columns: replaced('value', { key: true }) }, /has value among its keys/],
  ['with a foreign column', { columns: [...asDefined.columns, { name: 'x', type: 'INT', key: false }] }, /column x/],
])('a table %s is refused', (_, difference, sentence) => {
  expect(tableDifference(table, { ...asDefined, ...difference })).toMatch(sentence);
});

function replaced(name: string, difference: Partial<TableFound['columns'][number]>): TableFound['columns'] {
  return asDefined.columns.map((column) => (column.name === name ? { ...column, ...difference } : column));
}
