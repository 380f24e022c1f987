/** The configuration out of the real api, back into it, and into another installation. */
import { randomBytes } from 'node:crypto';
import { KeyedSecrets, SecretKey } from '@millrace/auth';
import { fileSchemas, writtenEntities } from '@millrace/config';
import { Database, migrate, ResourceRows } from '@millrace/control';
import { systemClock } from '@millrace/kernel';
import { newDatabase } from '@millrace/testkit/new-database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { ApiUnderTest } from '../../testing/api-under-test.ts';
import { ScriptPublishing } from '../scripts/script-publishing.ts';
import { ScriptRunner } from '../scripts/script-runner.ts';
import { type AppliedFiles, ConfigurationApply } from './configuration-apply.ts';
import { ConfigurationExport } from './configuration-export.ts';
import { definitionOf } from './resource-definitions.ts';

const api = new ApiUnderTest(['read', 'write', 'admin']);
const channel = { channelId: 'robot', kind: 'dingtalk', secrets: { accessToken: 'canary-4711' } };
const devices = 2_000;

beforeAll(async () => {
  await api.start();
  const created = [
    api.send('POST', '/v1/scripts', { scriptId: 'decode', source: 'const decodeUplink = () => ({ data: {} });\n' }),
    api.send('POST', '/v1/channels', channel),
    api.send('POST', '/v1/templates', { templateId: 'text', subject: 's', body: 'b' }),
    api.send('POST', '/v1/api-keys', { scopes: ['read'], expiresAt: '2030-01-02T03:04:05.678Z' }),
  ];
  expect((await Promise.all(created)).map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  const rule = {
    ruleId: 'hot',
    name: 'Hot',
    version: 7,
    productId: 'pump',
    signal: 't',
    grades: [{ severity: 'major', low: 5 }],
    notify: [{ channelId: 'robot', templateId: 'text', recipients: ['a@b.example'] }],
  };
  expect((await api.send('POST', '/v1/alarm-rules', rule)).status).toBe(201);
  const rows = Array.from({ length: devices }, (_, n) => `e${n},pump,"Name, ""${n}""",code-${n},password-${n}`);
  const imported = await fetch(`${api.url}/v1/devices/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.key}`, 'content-type': 'text/csv' },
    body: ['deviceUid,productId,name,identificationCode,password', ...rows].join('\n'),
  });
  expect(await imported.text()).toContain(`"created":${devices},"changed":0,"unchanged":0,"failed":0`);
}, 60_000);
afterAll(() => api.close(), 30_000);

type Document = AppliedFiles & { readonly [name: string]: unknown };

async function exported(key: string = api.key, query = ''): Promise<Document> {
  const response = await api.get(`/v1/config/export${query}`, key);
  expect(response.status).toBe(200);
  return (await response.json()) as Document;
}

/** By the platform, which may configure tenants. */
async function applied(document: unknown, query: string): Promise<unknown> {
  const platform = { authorization: `Bearer ${api.adminKey}` };
  return (await api.send('POST', `/v1/config/apply${query}`, document, platform)).json();
}

test('what was exported changes nothing when it is applied', async () => {
  const document = await exported();
  expect(document.devices).toHaveLength(devices + 3);
  expect(document.scripts).toMatchObject([{ source: 'const decodeUplink = () => ({ data: {} });\n' }]);
  expect(document.omitted).toEqual(['channels.secrets', 'connections']);
  expect(JSON.stringify(document)).not.toContain('canary');
  expect(await applied(document, '?prune=true')).toMatchObject({ changes: [], position: null });
});

test('a key that may only read gets no hashes, and what it got takes none away when it is applied', async () => {
  const { key } = (await (await api.send('POST', '/v1/api-keys', { scopes: ['read'] })).json()) as { key: string };
  await expect.poll(async () => (await api.get('/v1/access', key)).status, { timeout: 5_000 }).toBe(200);
  const document = await exported(key);
  expect(document.omitted).toContain('devices.passwordHashes');
  expect(JSON.stringify(document)).not.toMatch(/[Hh]ash":|"hash/);
  expect(await applied(document, '?prune=true')).toMatchObject({ changes: [], position: null });
  expect(await (await api.get('/v1/devices/e1')).json()).toMatchObject({ passwords: 1 });
});

test('only the platform gets all tenants; a tenant that there is not is said so', async () => {
  expect((await api.get('/v1/config/export?all=true')).status).toBe(403);
  const { tenants } = await exported(api.adminKey, '?all=true');
  expect(tenants.map(({ tenant }) => tenant)).toEqual(expect.arrayContaining([api.tenant, api.other, 'platform']));
  const absent = await fetch(`${api.url}/v1/config/export`, {
    headers: { authorization: `Bearer ${api.adminKey}`, 'millrace-tenant': 'nobody' },
  });
  expect(await absent.json()).toMatchObject({ status: 404, code: 'not_found' });
});

test('another installation gets the same entities, but for secrets of channels', async () => {
  const document = await exported();
  const made = await newDatabase();
  const runner = new ScriptRunner(systemClock);
  const database = new Database(made.url, () => undefined);
  try {
    await migrate(database);
    const secrets = new KeyedSecrets(SecretKey.fromEnvironment(randomBytes(32).toString('hex')));
    const parts = { runner, events: { scriptPublishedAnyway: () => undefined }, clock: systemClock };
    const files = z.object(fileSchemas).parse(document) as AppliedFiles;
    await new ConfigurationApply(database, secrets, new ScriptPublishing(parts)).apply(files, {
      prune: false,
      dryRun: false,
      allow: () => undefined,
    });
    const again: string[] = [];
    const wishes = { tenant: api.tenant, withHashes: true };
    for await (const piece of new ConfigurationExport(database).document(wishes)) again.push(piece);
    expect(JSON.parse(again.join(''))).toEqual(document);
    const count = await database.ofTenant(api.tenant, async (transaction) => {
      const rows = new ResourceRows(transaction, api.tenant);
      const all = await Promise.all(writtenEntities.map((entity) => rows.all(definitionOf(entity).name)));
      return all.flat().length;
    });
    expect(count).toBeGreaterThan(devices);
  } finally {
    await runner.close();
    await database.close();
    await made.drop();
  }
});

test('a client that goes away in the middle leaves the place to the next', async () => {
  for (let n = 0; n < 6; n += 1) {
    const gone = new AbortController();
    const response = await fetch(`${api.url}/v1/config/export`, {
      headers: { authorization: `Bearer ${api.key}` },
      signal: gone.signal,
    });
    expect([200, 503]).toContain(response.status);
    gone.abort();
  }
  await expect.poll(async () => (await api.get('/v1/config/export')).status, { timeout: 5_000 }).toBe(200);
});
