import { expect, test } from 'vitest';
import { withCredentials } from './demo-config.ts';

const tenants = [{ tenant: 'north' }, { tenant: 'south' }];
const devices = [
  { tenant: 'north', deviceUid: 'a' },
  { tenant: 'north', deviceUid: 'b' },
  { tenant: 'south', deviceUid: 'a' },
];

test('every tenant gets a key and every device a password, all of them different', () => {
  const demo = withCredentials(tenants, devices, { tenants: [] });
  expect(demo.tenants.map(({ id, devices: own }) => [id, own.map(({ uid }) => uid)])).toEqual([
    ['north', ['a', 'b']],
    ['south', ['a']],
  ]);
  const secrets = demo.tenants.flatMap(({ apiKey, devices: own }) => [apiKey, ...own.map(({ key }) => key)]);
  expect(new Set(secrets).size).toBe(5);
  for (const { id, apiKey } of demo.tenants) expect(apiKey).toMatch(new RegExp(`^${id}-[\\w-]{6}\\.[\\w-]{32}$`));
});

test('credentials stay the same when the configuration grows and shrinks', () => {
  const before = withCredentials(tenants, devices, { tenants: [] });
  const after = withCredentials([tenants[0]!], [devices[1]!, { tenant: 'north', deviceUid: 'c' }], before);
  expect(after.tenants).toHaveLength(1);
  expect(after.tenants[0]?.apiKey).toBe(before.tenants[0]?.apiKey);
  expect(after.tenants[0]?.devices[0]).toEqual(before.tenants[0]?.devices[1]);
  expect(after.tenants[0]?.devices[1]?.uid).toBe('c');
});
