/** Keys and certificates of devices, and the authorities and issuers that a tenant trusts. */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { column, createResourceTable, grantToTenants } from './resource-table.ts';

export const credentials: Migration = {
  async up(db: Kysely<unknown>) {
    await createResourceTable(db, 'device_credentials', [
      column('device_id', 'deviceUid', 'devices'),
      column('kind', 'kind'),
    ]);
    await createResourceTable(db, 'certificate_authorities', []);
    await createResourceTable(db, 'token_issuers', []);
    // A key names itself and nothing else, so its id is unique in the installation; a token its issuer and audience.
    await sql`ALTER TABLE device_credentials ADD UNIQUE (id)`.execute(db);
    await sql`CREATE UNIQUE INDEX ON token_issuers ((body ->> 'issuer'), (body ->> 'audience'))`.execute(db);
    await grantToTenants(db, ['device_credentials', 'certificate_authorities', 'token_issuers']);
  },
};
