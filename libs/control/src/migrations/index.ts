/** All migrations in their order. A released one never changes: what is wrong in it is repaired by the next. */
import type { Migration } from 'kysely/migration';
import { resources } from './0001-resources.ts';
import { credentials } from './0002-credentials.ts';
import { erasures } from './0003-erasures.ts';
import { enrolment } from './0004-enrolment.ts';
import { model } from './0005-model.ts';
import { deviceSearch } from './0006-device-search.ts';
import { assets } from './0007-assets.ts';
import { scriptOverrides } from './0008-script-overrides.ts';

export const migrations: Readonly<Record<string, Migration>> = {
  '0001-resources': resources,
  '0002-credentials': credentials,
  '0003-erasures': erasures,
  '0004-enrolment': enrolment,
  '0005-model': model,
  '0006-device-search': deviceSearch,
  '0007-assets': assets,
  '0008-script-overrides': scriptOverrides,
};
