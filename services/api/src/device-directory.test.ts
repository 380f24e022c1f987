import { Configuration } from '@millrace/config';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeviceDirectory } from './device-directory.ts';

function add(configuration: Configuration, tenant: string, deviceUid: string): void {
  configuration.apply('devices', `${tenant}/${deviceUid}`, {
    tenant,
    deviceUid,
    identificationCode: null,
    productId: 'pump',
    name: '',
    state: 'active',
    attributes: {},
    passwordHashes: [],
  });
}

test('pages of any size together are all devices of the tenant, each once, in order', () => {
  const uids = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9._-]{1,3}$/), { maxLength: 20 });
  fc.assert(
    fc.property(uids, fc.integer({ min: 1, max: 7 }), (all, limit) => {
      const configuration = new Configuration();
      for (const uid of all) add(configuration, 'acme', uid);
      add(configuration, 'other', 'd');
      const directory = new DeviceDirectory(configuration);
      const found: string[] = [];
      let after: string | null = null;
      do {
        const page = directory.page('acme', after, limit);
        expect(page.devices.length).toBeLessThanOrEqual(limit);
        found.push(...page.devices.map(({ deviceUid }) => deviceUid));
        after = page.after;
      } while (after !== null);
      expect(found).toEqual([...all].sort());
    }),
  );
});

test('a device that was added meanwhile is listed', () => {
  const configuration = new Configuration();
  const directory = new DeviceDirectory(configuration);
  expect(directory.page('acme', null, 10)).toEqual({ devices: [], after: null });
  add(configuration, 'acme', 'd1');
  expect(directory.page('acme', null, 10).devices).toHaveLength(1);
});
