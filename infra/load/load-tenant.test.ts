import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfigurationFolder } from '@millrace/config';
import { expect, test } from 'vitest';
import { addLoadTenant } from './load-tenant.ts';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'millrace-load-tenant-'));

test('the folder is a configuration, with a key and all devices', async () => {
  const folder = newFolder();
  const apiKey = await addLoadTenant(folder, 20);
  const { tenants, devices, apiKeys, scripts } = await readConfigurationFolder(folder);
  expect(tenants).toMatchObject([{ tenant: 'load', retentionClass: '30d' }]);
  expect(devices.map(({ deviceUid }) => deviceUid)).toEqual(expect.arrayContaining(['load-00000', 'load-00019']));
  expect(devices).toHaveLength(20);
  expect(apiKeys).toMatchObject([{ key: apiKey, scopes: ['ingest'] }]);
  expect(scripts[0]?.source).toContain('decodeUplink');
});

test('what is there already stays, and a second call changes nothing but the devices', async () => {
  const folder = newFolder();
  const own = { tenant: 'plant', name: 'Plant' };
  writeFileSync(join(folder, 'tenants.json'), JSON.stringify([own]));
  const apiKey = await addLoadTenant(folder, 5);
  expect(await addLoadTenant(folder, 7)).toBe(apiKey);
  const { tenants, devices } = await readConfigurationFolder(folder);
  expect(tenants.map(({ tenant }) => tenant)).toEqual(['plant', 'load']);
  expect(JSON.parse(readFileSync(join(folder, 'tenants.json'), 'utf8'))[0]).toEqual(own);
  expect(devices).toHaveLength(7);
});
