/** The tree of assets. */
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { column, createResourceTable, grantToTenants } from './resource-table.ts';

export const assets: Migration = {
  async up(db: Kysely<unknown>) {
    await createResourceTable(db, 'assets', [
      { name: 'name', from: 'name', sorted: true },
      column('kind', 'kind'),
      column('parent_id', 'parentId', 'assets'),
    ]);
    await grantToTenants(db, ['assets']);
  },
};
