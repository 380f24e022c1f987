/** Why a version of a script was published although its samples failed. */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const scriptOverrides: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`ALTER TABLE script_versions ADD COLUMN override_reason text`.execute(db);
  },
};
