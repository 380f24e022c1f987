/** A migrated database of a test's own. */
import { newDatabase } from '@millrace/testkit/new-database';
import { Database } from '../database.ts';
import { migrate } from '../migrate.ts';
import { ResourceRows } from '../resource-rows.ts';
import type { Body } from '../tables.ts';

export interface ControlDatabase {
  readonly database: Database;
  /** One transaction of a tenant. */
  of<T>(tenant: string, work: (rows: ResourceRows) => Promise<T>): Promise<T>;
  drop(): Promise<void>;
}

/** With the tenants `north` and `south`, each with the product `pump`. */
export async function controlDatabase(target?: string): Promise<ControlDatabase> {
  const made = await newDatabase();
  const database = new Database(made.url, () => undefined);
  await migrate(database, target);
  const of: ControlDatabase['of'] = (tenant, work) =>
    database.ofTenant(tenant, (transaction) => work(new ResourceRows(transaction, tenant)));
  for (const tenant of ['north', 'south'])
    await of(tenant, async (rows) => {
      await rows.create('tenants', tenant, { tenant, name: tenant });
      await rows.create('products', 'pump', { name: 'Pump', scriptId: null });
    });
  return {
    database,
    of,
    async drop() {
      await database.close();
      await made.drop();
    },
  };
}

export function deviceBody(more: Body = {}): Body {
  return { name: '', productId: 'pump', state: 'active', identificationCode: null, ...more };
}
