import { expect, test } from 'vitest';
import { sharedTables } from './erase-rows.ts';
import * as library from './index.ts';
import type { TableDefinition } from './table-definition.ts';

const isTable = (it: unknown): it is TableDefinition =>
  typeof it === 'object' && it !== null && 'columns' in it && 'keys' in it && 'partitionBy' in it;

test('a table of this library with rows of several tenants is one that is looked through for those of one', () => {
  const tables = Object.values(library).filter(isTable);
  expect(tables.length).toBeGreaterThan(1);
  expect(sharedTables).toEqual(expect.arrayContaining(tables));
});
