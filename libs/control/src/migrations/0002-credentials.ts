/** Keys and certificates of devices, the authorities and issuers that a tenant trusts; and how far a republication goes. */
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
    // While everything is written anew, readers that lost a topic wait for the whole of it.
    await sql`ALTER TABLE installation ADD COLUMN republish_until bigint NOT NULL DEFAULT 0`.execute(db);
    await grantToTenants(db, ['device_credentials', 'certificate_authorities', 'token_issuers']);
  },
};
