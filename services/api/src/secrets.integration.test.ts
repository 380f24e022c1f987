/**
 * Promise: secrets go in and never come out. A canary goes into every secret member there is, in every way there is, rightly and
 * wrongly, and stands nowhere afterwards: in no table, topic, log line, metric, answer or export.
 */
import fs from 'node:fs';
import { randomUUID } from 'node:crypto';
import { generateKey, keyIdOf } from '@millrace/auth';
import { isDeadLetterTopic } from '@millrace/contracts';
import { type ConsumedRecord, createKafka, readToEnd } from '@millrace/kafka';
import { testAddresses } from '@millrace/testkit';
import { databaseText } from '@millrace/testkit/database-text';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ApiUnderTest } from './testing/api-under-test.ts';
import { Canaries } from './testing/canaries.ts';
import { askRoute } from './testing/ask-route.ts';
import { makeCertificates, makeSecrets, registerDevices } from './testing/made-secrets.ts';
import { declaredRoutes } from './testing/routes.ts';
import { secretMembers } from './testing/secret-members.ts';

const api = new ApiUnderTest(['ingest', 'read', 'write', 'admin'], 'debug');
const run = randomUUID().replaceAll('-', '').slice(0, 12);

const canaries = new Canaries(run);
const canary = (way: string): string => canaries.make(way);
const logged: string[] = [];
const answered: string[] = [];

/** What is covered below, by entity and member. */
const covered = ['apiKeys.key', 'channels.secrets', 'deviceCredentials.key', 'devices.passwords'];

async function send(method: string, path: string, body: unknown): Promise<number> {
  const response = await api.send(method, path, body);
  answered.push(await response.text());
  return response.status;
}

/** Text as it is. */
async function sendText(path: string, type: string, body: string, headers: object = {}): Promise<number> {
  const response = await fetch(api.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.key}`, 'content-type': type, ...headers },
    body,
  });
  answered.push(await response.text());
  return response.status;
}

beforeAll(async () => {
  const keep = (chunk: unknown): void => void logged.push(Buffer.from(chunk as string).toString());
  const { writeSync } = fs;
  vi.spyOn(fs, 'writeSync').mockImplementation(((file: number, piece: string, ...rest: unknown[]) => {
    if (file !== 1) return Reflect.apply(writeSync, fs, [file, piece, ...rest]) as number;
    keep(piece);
    return Buffer.byteLength(piece);
  }) as typeof fs.writeSync);
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      keep(chunk);
      return true;
    });
  await api.start();
}, 60_000);

afterAll(async () => {
  vi.restoreAllMocks();
  await api.close();
}, 30_000);

test('every secret member there is has its canary', () => {
  expect(secretMembers().toSorted()).toEqual(covered);
});

test('secrets go in through REST, import and files', { timeout: 30_000 }, async () => {
  const product = { productId: 'pump' };
  const device = (deviceUid: string, way: string): object => ({ deviceUid, ...product, passwords: [canary(way)] });
  const key = { 'idempotency-key': randomUUID() };
  const channel = { channelId: 'canary', kind: 'dingtalk' };
  const secrets = (way: string): object => ({ accessToken: canary(`${way}, token`), secret: canary(`${way}, secret`) });
  expect(await send('POST', '/v1/devices', device('c1', 'device, POST'))).toBe(201);
  const repeated = JSON.stringify(device('c2', 'device, POST with a key'));
  for (let n = 0; n < 2; n += 1) expect(await sendText('/v1/devices', 'application/json', repeated, key)).toBe(201);
  expect(await send('PATCH', '/v1/devices/c1', { passwords: [canary('device, PATCH')] })).toBe(200);
  expect(await send('POST', '/v1/channels', { ...channel, secrets: secrets('channel, POST') })).toBe(201);
  expect(await send('PATCH', '/v1/channels/canary', { secrets: secrets('channel, PATCH') })).toBe(200);
  const csv = `deviceUid,productId,password\nc3,pump,${canary('device, CSV')}\n`;
  expect(await sendText('/v1/devices/import', 'text/csv', csv)).toBe(200);
  const ndjson = `${JSON.stringify(device('c4', 'device, NDJSON'))}\n`;
  expect(await sendText('/v1/devices/import', 'application/x-ndjson', ndjson)).toBe(200);

  const { tenant } = api;
  const keyId = `k${run}`;
  const files = {
    tenants: [{ tenant, name: tenant, ownTable: true }],
    products: [{ tenant, productId: 'pump', name: 'Pump' }],
    devices: [{ tenant, deviceUid: 'c5', ...product, passwords: [canary('device, apply')] }],
    channels: [{ tenant, ...channel, channelId: 'applied', secrets: secrets('channel, apply') }],
    apiKeys: [{ tenant, keyId, key: `${keyId}.${canary('API key, apply')}`, scopes: ['read'] }],
    deviceCredentials: [
      {
        tenant,
        credentialId: keyId,
        deviceUid: 'c5',
        kind: 'key',
        key: `${keyId}.${canary('device credential, apply')}`,
      },
    ],
  };
  expect(await send('POST', '/v1/config/apply?dryRun=true', files)).toBe(200);
  expect(await send('POST', '/v1/config/apply', files)).toBe(200);
  const { position } = (await (await api.send('POST', '/v1/config/apply?dryRun=true', files)).json()) as {
    position: null;
  };
  expect(position).toBeNull();
});

test('secrets are made for programs and devices, each shown in one answer', { timeout: 30_000 }, async () => {
  await makeSecrets(api, canaries);
  await makeCertificates(api, canaries);
  await registerDevices(api, canaries);
});

test('secrets in wrong requests are not echoed', { timeout: 30_000 }, async () => {
  const { tenant } = api;
  const device = { deviceUid: 'w1', productId: 'pump' };
  const wrong = (how: string): string => canary(`wrong, ${how}`);
  const refused = [
    send('POST', '/v1/devices', { ...device, passwords: wrong('a text for a list') }),
    send('POST', '/v1/devices', { ...device, passwords: [1, 2, 3].map((n) => wrong(`too many ${n}`)) }),
    send('POST', '/v1/devices', { ...device, passwords: [wrong('too long').padEnd(300, '-')] }),
    send('POST', '/v1/devices', { ...device, password: wrong('an unknown member') }),
    send('POST', '/v1/devices', { ...device, passwords: [{ value: wrong('an object') }] }),
    send('POST', '/v1/devices', { ...device, passwords: [`${wrong('NUL')}\0`] }),
    send('POST', '/v1/devices', { ...device, passwordHashes: [wrong('a hash')] }),
    send('POST', '/v1/devices', { ...device, productId: 'absent', passwords: [wrong('an unknown product')] }),
    send('POST', '/v1/devices', { ...device, deviceUid: 'd1', passwords: [wrong('there already')] }),
    send('PATCH', '/v1/devices/absent', { passwords: [wrong('no such device')] }),
    send('PATCH', '/v1/devices/d1', { passwords: { one: wrong('patch') } }),
    send('POST', '/v1/channels', { channelId: 'w1', kind: 'No Kind', secrets: { secret: wrong('kind') } }),
    send('POST', '/v1/channels', { channelId: 'w1', kind: 'dingtalk', secrets: wrong('secrets as text') }),
    send('POST', '/v1/channels', { channelId: 'w1', kind: 'dingtalk', secrets: { secret: [wrong('secret as list')] } }),
    send('POST', '/v1/api-keys', { scopes: ['read'], key: wrong('a key of one’s own') }),
    send('POST', '/v1/config/apply', {
      tenants: [{ tenant, name: tenant }],
      apiKeys: [{ tenant, keyId: 'w', key: wrong('key without id'), scopes: ['read'] }],
    }),
    send('POST', '/v1/config/apply', {
      tenants: [{ tenant, name: tenant, ownTable: true }],
      devices: [{ tenant, ...device, productId: 'absent', passwords: [wrong('apply')] }],
    }),
    send('POST', '/v1/device-credentials', { deviceUid: 'd1', kind: 'key', key: wrong('a key of a device') }),
    send('POST', '/v1/device-credentials', { deviceUid: 'd1', kind: 'certificate', certificate: wrong('no PEM') }),
    sendText('/v1/devices', 'application/json', `{"passwords": ["${wrong('broken JSON')}`),
    sendText('/v1/devices', 'application/json', wrong('no JSON')),
    sendText('/v1/devices', 'application/merge-patch+json', `{"passwords": "${wrong('broken patch')}`),
    sendText('/v1/devices', 'text/xml', `<password>${wrong('XML')}</password>`),
  ];
  for (const [index, status] of (await Promise.all(refused)).entries())
    expect(status >= 400 && status < 500, `${index}: ${status}`).toBe(true);
  const rows = [
    `{"deviceUid": "w2", "productId": "pump", "passwords": "${wrong('row, a text')}"}`,
    `{"deviceUid": "w3", "passwords": ["${wrong('row, broken')}"`,
    `{"deviceUid": "w4", "productId": "pump", "passwords": ["${wrong('row, NUL')}\\u0000"]}`,
    wrong('row, no JSON'),
  ];
  expect(await sendText('/v1/devices/import', 'application/x-ndjson', rows.join('\n'))).toBe(200);
  for (const csv of [
    `deviceUid,productId,password\nw5,absent,${wrong('CSV, product')}\nw6,pump,${wrong('CSV, cells')},more\n`,
    `deviceUid,password\nw7,"${wrong('CSV, quote')}`,
    `deviceUid,password\nw8,"${wrong('CSV, text behind a quote')}"x\n`,
  ])
    await sendText('/v1/devices/import', 'text/csv', csv);
  const stranger = generateKey();
  canaries.add('wrong, key', stranger.split('.')[1]!);
  for (const key of [stranger, `${keyIdOf(api.key)}.${wrong('secret of a key')}`, wrong('no key at all')])
    answered.push(await (await api.get('/v1/devices', key)).text());
});

test('no answer shows one', { timeout: 30_000 }, async () => {
  for (const route of declaredRoutes().filter(({ method }) => method === 'GET'))
    for (const key of [api.key, api.adminKey])
      answered.push(
        (await askRoute(api, route, `Bearer ${key}`, key === api.adminKey ? { 'millrace-tenant': api.tenant } : {}))
          .text,
      );
  for (const path of [
    '/v1/devices/c1',
    '/v1/channels/applied',
    '/v1/devices/d1/certificates',
    '/v1/registrations/r1',
    '/metrics',
    '/v1/accounting',
    '/docs-json',
    '/v1/config/export',
  ])
    answered.push(await (await api.get(path)).text());
  const all = await api.get('/v1/config/export?all=true', api.adminKey);
  expect(all.status).toBe(200);
  answered.push(await all.text());
  expect(answered.join()).toContain('"hasSecrets":true');
  expect(canaries.foundIn(answered.join('\n'))).toEqual([]);
});

test('no table has one', async () => {
  const rows = await databaseText(testAddresses.postgres);
  const own = rows.filter((row) => row.includes(api.tenant));
  for (const table of [
    'devices',
    'channels',
    'api_keys',
    'outbox',
    'idempotency_keys',
    'authority_keys',
    'registrations',
  ])
    expect(
      own.some((row) => row.startsWith(`${table} `)),
      table,
    ).toBe(true);
  expect(canaries.foundIn(rows.join('\n'))).toEqual([]);
});

test('no topic has one', async () => {
  const kafka = createKafka({ brokers: [testAddresses.kafka], clientId: 'test' });
  const texts: string[] = [];
  const admin = kafka.newClient().admin();
  const names = await admin.listTopics();
  await admin.disconnect();
  const keep = (_topic: string, _partition: number, records: readonly ConsumedRecord[]): Promise<void> => {
    for (const { key, value, headers } of records)
      texts.push([key?.toString('latin1'), value?.toString('latin1'), JSON.stringify(headers)].join('\n'));
    return Promise.resolve();
  };
  const read = names.filter((name) => name.startsWith('config.') || isDeadLetterTopic(name));
  await Promise.all(read.map((name) => readToEnd(kafka, name, keep, AbortSignal.timeout(20_000))));
  expect(texts.some((text) => text.includes('applied'))).toBe(true);
  expect(canaries.foundIn(texts.join('\n'))).toEqual([]);
});

test('no line of the log has one', () => {
  const lines = logged.join('');
  expect(lines).toContain('"service":"api"');
  expect(canaries.foundIn(lines)).toEqual([]);
});
