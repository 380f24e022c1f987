import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfigurationFolder } from './read-folder.ts';
import { errorsOf, products, read, tenants, testFolder } from './testing/written-folder.ts';

test('defaults are filled in and a script comes with its text', async () => {
  const files = await read({
    'tenants.json': tenants,
    'products.json': [{ ...products[0], scriptId: 'pump' }],
    'devices.json': [{ tenant: 'acme', deviceUid: 'pump-1', productId: 'pump' }],
    'scripts.json': [{ tenant: 'acme', scriptId: 'pump', file: 'scripts/pump.js' }],
    'scripts/pump.js': 'function decodeUplink() {}',
    'scripts/pump.js.samples.json': [{ name: 'cold', payload: '00ff', expected: [{ name: 't', value: -1 }] }],
    'README.md': 'Other files are left alone.',
  });
  expect(files.tenants).toEqual([
    { tenant: 'acme', name: 'Acme', retentionClass: '90d', ownTable: false, state: 'active', quotas: null },
  ]);
  expect(files.devices).toEqual([
    {
      tenant: 'acme',
      deviceUid: 'pump-1',
      identificationCode: null,
      productId: 'pump',
      name: '',
      state: 'active',
      attributes: {},
      desired: {},
      reported: {},
      tags: [],
      gatewayUid: null,
      assetIds: [],
      passwordHashes: [],
      passwords: [],
    },
  ]);
  expect(files.scripts[0]).toMatchObject({ version: 1, language: 'javascript', source: 'function decodeUplink() {}' });
  expect(files.scripts[0]?.samples).toEqual([
    {
      name: 'cold',
      payload: '00ff',
      encoding: 'hex',
      contentType: 'application/octet-stream',
      attributes: {},
      variables: {},
      time: null,
      expected: [{ name: 't', value: -1, time: null }],
    },
  ]);
  expect(files.connections).toEqual([]);
});

test('a folder without tenants.json, or no folder at all, is a wrong path and not an empty configuration', async () => {
  await expect(read({})).rejects.toMatchObject({ code: 'configuration_invalid' });
  await expect(readConfigurationFolder(join(testFolder(), 'absent'))).rejects.toMatchObject({
    code: 'configuration_invalid',
  });
});

test('a mistyped file name is an error', async () => {
  expect(await errorsOf({ 'tenants.json': tenants, 'device.json': [] })).toEqual(['device.json unknown_file']);
});

test('errors name file, index and field, from all files at once', async () => {
  expect(
    await errorsOf({
      'tenants.json': [{ tenant: 'Acme', name: 'Acme' }],
      'products.json': '[{',
      'devices.json': [
        { tenant: 'acme', deviceUid: 'pump-1', productId: 'pump' },
        { tenant: 'acme', deviceUid: 'pump 2', productId: 'pump', colour: 'red' },
      ],
      'alarm-rules.json': {},
    }),
  ).toEqual(
    expect.arrayContaining([
      'tenants.json[0].tenant invalid_format',
      'products.json malformed_json',
      'devices.json[1].deviceUid invalid_format',
      'devices.json[1] unrecognized_keys',
      'alarm-rules.json invalid_type',
    ]),
  );
});

test('what an entity refers to must exist in its tenant', async () => {
  const notify = [{ channelId: 'mail', templateId: 'alarm', recipients: ['a@example.com'] }];
  const rule = { tenant: 'acme', name: 'Hot', signal: 't', grades: [{ severity: 'major', low: 1 }] };
  expect(
    await errorsOf({
      'tenants.json': [...tenants, { tenant: 'other', name: 'Other' }],
      'products.json': [{ ...products[0], scriptId: 'absent' }],
      'devices.json': [{ tenant: 'other', deviceUid: 'd', productId: 'pump' }],
      'api-keys.json': [{ tenant: 'nobody', keyId: 'k', key: 'k.0123456789abcdef', scopes: ['read'] }],
      'channels.json': [{ tenant: 'other', channelId: 'mail', kind: 'email' }],
      'alarm-rules.json': [
        { ...rule, ruleId: 'a', productId: 'valve' },
        { ...rule, ruleId: 'b', deviceUid: 'd', notify },
      ],
    }),
  ).toEqual([
    'products.json[0].scriptId unknown_reference',
    'devices.json[0].productId unknown_reference',
    'alarm-rules.json[0].productId unknown_reference',
    'alarm-rules.json[1].deviceUid unknown_reference',
    'alarm-rules.json[1].notify[0].channelId unknown_reference',
    'alarm-rules.json[1].notify[0].templateId unknown_reference',
    'api-keys.json[0].tenant unknown_reference',
  ]);
});

test('keys and identification codes are unique in a tenant', async () => {
  const device = { tenant: 'acme', productId: 'pump', identificationCode: 'SN1' };
  expect(
    await errorsOf({
      'tenants.json': tenants,
      'products.json': [...products, ...products],
      'devices.json': [
        { ...device, deviceUid: 'a' },
        { ...device, deviceUid: 'b' },
      ],
    }),
  ).toEqual(['products.json[1].productId duplicate', 'devices.json[1].identificationCode duplicate']);
});

test.each([
  ['neither product nor device', {}, 'productId'],
  ['product and device', { productId: 'pump', deviceUid: 'd' }, 'productId'],
  ['no grade', { productId: 'pump', grades: [] }, 'grades'],
  ['a grade without bounds', { productId: 'pump', grades: [{ severity: 'minor' }] }, 'grades[0]'],
  ['a grade upside down', { productId: 'pump', grades: [{ severity: 'minor', low: 2, high: 1 }] }, 'grades[0]'],
  ['an unknown severity', { productId: 'pump', grades: [{ severity: 'bad', low: 2 }] }, 'grades[0].severity'],
])('an alarm rule with %s is refused', async (_, rest, field) => {
  const rule = { tenant: 'acme', ruleId: 'a', name: 'Hot', signal: 't', grades: [{ severity: 'major', low: 1 }] };
  const [error] = await errorsOf({
    'tenants.json': tenants,
    'products.json': products,
    'alarm-rules.json': [{ ...rule, ...rest }],
  });
  expect(error).toContain(`alarm-rules.json[0].${field} `);
});

test.each([
  ['neither product nor devices', { productId: undefined }, 'productId'],
  ['product and devices', { deviceUids: ['d'] }, 'productId'],
  ['a cron expression that cannot be read', { cron: '61 * * * *' }, 'cron'],
  ['an unknown time zone', { timeZone: 'Mars/Olympus' }, 'cron'],
  ['neither aggregation nor script', { aggregation: undefined }, 'aggregation'],
  ['an unknown aggregation', { aggregation: 'median' }, 'aggregation'],
  ['an aggregation of two inputs', { inputs: ['a', 'b'].map((name) => ({ name, signal: 't' })) }, 'inputs'],
  [
    'two inputs of one name',
    { aggregation: undefined, scriptId: 's', inputs: ['a', 'a'].map((name) => ({ name, signal: 't' })) },
    'inputs',
  ],
  ['an unknown product', { productId: 'valve' }, 'productId'],
  ['an unknown device', { productId: undefined, deviceUids: ['absent'] }, 'deviceUids[0]'],
  ['an unknown script', { aggregation: undefined, scriptId: 'absent' }, 'scriptId'],
])('a statistic with %s is refused', async (_, rest, field) => {
  const statistic = {
    tenant: 'acme',
    statisticId: 'mean',
    name: 'Mean',
    cron: '0 * * * *',
    productId: 'pump',
    inputs: [{ name: 'input', signal: 't' }],
    aggregation: 'mean',
  };
  const folder = { 'tenants.json': tenants, 'products.json': products };
  const errors = await errorsOf({ ...folder, 'statistics.json': [{ ...statistic, ...rest }] });
  expect(errors).toEqual([expect.stringContaining(`statistics.json[0].${field} `)]);
});

test.each([
  ['of a file outside', { file: 'scripts/../../secret' }, 'invalid_format'],
  ['that is not there', { file: 'scripts/absent.js' }, 'missing'],
  ['that is too large', { file: 'scripts/large.js' }, 'too_large'],
])('a script %s is refused', async (_, script, code) => {
  expect(
    await errorsOf({
      'tenants.json': tenants,
      'scripts.json': [{ tenant: 'acme', scriptId: 's', ...script }],
      'scripts/large.js': ' '.repeat(256 * 1024 + 1),
    }),
  ).toEqual([`scripts.json[0].file ${code}`]);
});

test.each([
  ['neither key nor hash', {}],
  ['a key that is not its own', { key: 'other.0123456789abcdef' }],
])('an api key with %s is refused', async (_, rest) => {
  expect(
    await errorsOf({
      'tenants.json': tenants,
      'api-keys.json': [{ tenant: 'acme', keyId: 'k', scopes: ['read'], ...rest }],
    }),
  ).toEqual(['api-keys.json[0].key custom']);
});

test('quotas are optional, each of them, and their values are checked', async () => {
  const [tenant] = tenants;
  const files = await read({ 'tenants.json': [{ ...tenant, quotas: { messagesPerSecond: 100 } }] });
  expect(files.tenants[0]?.quotas).toEqual({
    devices: null,
    messagesPerSecond: 100,
    pointsPerSecond: null,
    scriptCpuMsPerSecond: null,
    storageDays: null,
  });
  const wrong = { messagesPerSecond: 0, devices: -1, pointsPerSecond: 1.5, messages: 1 };
  expect(await errorsOf({ 'tenants.json': [{ ...tenant, quotas: wrong, state: 'gone' }] })).toHaveLength(5);
});

test('a tenant keeps points for no longer than its quota allows, unless its own table gives it any number of days', async () => {
  const [tenant] = tenants;
  const keeping = (retentionClass: string, storageDays: number, ownTable = false) => ({
    'tenants.json': [{ ...tenant, retentionClass, ownTable, quotas: { storageDays } }],
  });
  expect(await errorsOf(keeping('90d', 89))).toEqual(['tenants.json[0].retentionClass custom']);
  expect(await errorsOf(keeping('forever', 36_500))).toEqual(['tenants.json[0].retentionClass custom']);
  expect((await read(keeping('90d', 90))).tenants).toHaveLength(1);
  expect((await read(keeping('forever', 45, true))).tenants).toHaveLength(1);
});

const sample = { name: 'cold', payload: '00', expected: [] };

test.each([
  ['of which two have one name', [sample, sample], ''],
  ['that are too many', Array.from({ length: 33 }, (_, n) => ({ ...sample, name: `${n}` })), ''],
  [
    'that are too large together',
    Array.from({ length: 30 }, (_, n) => ({ ...sample, name: `${n}`, payload: '0'.repeat(10_000) })),
    '',
  ],
  ['with half a byte', [{ ...sample, payload: '0' }], '[0].payload'],
  ['in another base64', [{ ...sample, payload: 'a_-', encoding: 'base64' }], '[0].payload'],
  ['with rows that say nothing', [{ ...sample, expected: [{ name: 't' }] }], '[0].expected[0].value'],
])('samples %s are refused', async (_, samples, where) => {
  const errors = await errorsOf({
    'tenants.json': tenants,
    'scripts.json': [{ tenant: 'acme', scriptId: 's', file: 'scripts/s.js' }],
    'scripts/s.js': '',
    'scripts/s.js.samples.json': samples,
  });
  expect(errors.map((error) => error.split(' ')[0])).toEqual([`scripts/s.js.samples.json${where}`]);
});
