/** A database that was there before: what scripts, products and devices had then, and what they have since. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from './migrate.ts';
import { ScriptVersions } from './script-versions.ts';
import { type ControlDatabase, controlDatabase, deviceBody } from './testing/control-database.ts';

let control: ControlDatabase;
beforeAll(async () => {
  control = await controlDatabase('0003-erasures');
}, 30_000);
afterAll(() => control.drop());

test('a script that was there before has its version from then on, and nobody of a tenant changes or deletes it', async () => {
  const script = { scriptId: 'old', version: 3, language: 'lua', source: 'return "ü"' };
  await control.of('north', (rows) => rows.create('scripts', 'old', script));
  const signals = [{ name: 'p', unit: 'bar', type: 'text' }, { name: 't' }];
  await control.of('north', (rows) => rows.create('products', 'typed', { name: '', scriptId: null, signals }));
  await control.of('north', (rows) => rows.create('devices', 'old', deviceBody({ attributes: { line: '1' } })));
  await migrate(control.database);
  await control.database.ofTenant('north', async (transaction) => {
    const { createdAt: _, ...version } = (await new ScriptVersions(transaction, 'north').find('old', 3))!;
    const hash = '577a1f89e2156d2e827dc05478519c994169443a4b9712f39e31c3ffc82bf899';
    expect(version).toEqual({ ...script, hash, override: null });
  });
  await control.database.ofTenant('south', async (transaction) => {
    expect(await new ScriptVersions(transaction, 'north').find('old', 3)).toBeUndefined();
  });
  for (const change of [sql`UPDATE script_versions SET source = ''`, sql`DELETE FROM script_versions`])
    await expect(control.database.ofTenant('north', (transaction) => change.execute(transaction))).rejects.toThrow(
      'permission denied',
    );
});

test('versions go with their tenant', async () => {
  await control.database.ofTenant('south', async (transaction) => {
    await new ScriptVersions(transaction, 'south').add([{ scriptId: 's', version: 1, language: 'lua', source: '' }]);
  });
  await control.of('south', async (rows) => {
    await rows.delete('products', ['pump']);
    await rows.delete('tenants', ['south']);
  });
  const { rows } = await sql`SELECT 1 FROM script_versions WHERE tenant = 'south'`.execute(control.database.db);
  expect(rows).toEqual([]);
});

test('what was there before has the members that came later, with the defaults of their schemas', async () => {
  const later = { type: 'double', min: null, max: null };
  await control.of('north', async (rows) => {
    expect((await rows.find('products', 'typed'))?.body['signals']).toEqual([
      { ...later, name: 'p', unit: 'bar', type: 'text' },
      { ...later, name: 't' },
    ]);
    expect((await rows.find('scripts', 'old'))?.body).toMatchObject({ source: 'return "ü"', samples: [] });
    expect((await rows.find('devices', 'old'))?.body).toMatchObject({
      attributes: { line: '1' },
      tags: [],
      desired: {},
      reported: {},
      gatewayUid: null,
      assetIds: [],
    });
  });
});
