/** The tree of assets, and where in it devices are. */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { createListIndex } from './device-lists.ts';
import { column, createResourceTable, grantToTenants } from './resource-table.ts';

export const assets: Migration = {
  async up(db: Kysely<unknown>) {
    await createResourceTable(db, 'assets', [
      { name: 'name', from: 'name', sorted: true },
      column('kind', 'kind'),
      column('parent_id', 'parentId', 'assets'),
    ]);
    await grantToTenants(db, ['assets']);
    await sql`UPDATE devices SET body = '{"assetIds": []}' || body`.execute(db);
    await createListIndex(db, { member: 'assetIds', column: 'asset_ids', find: 'find_devices_by_assets' });
  },
};
