/** Entities through REST, on a real PostgreSQL and a real Kafka. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ApiUnderTest } from '../../testing/api-under-test.ts';
const api = new ApiUnderTest(['read', 'write', 'admin']);
beforeAll(() => api.start(), 60_000);
afterAll(() => api.close(), 30_000);

type Json = Readonly<Record<string, unknown>>;

async function answer(response: Response | Promise<Response>): Promise<Json & { readonly status: number }> {
  const { status, text } = { status: (await response).status, text: await (await response).text() };
  return { status, ...(text === '' ? {} : (JSON.parse(text) as Json)) };
}

const device = (deviceUid: string, more: Json = {}): Json => ({ deviceUid, productId: 'pump', ...more });

test('an entity is created, read, changed and deleted, each answer with its version', async () => {
  const created = await api.send('POST', '/v1/devices', device('c1', { name: 'One' }));
  expect([created.status, created.headers.get('location')]).toEqual([201, '/v1/devices/c1']);
  const etag = created.headers.get('etag')!;
  expect(await created.json()).toMatchObject({ deviceUid: 'c1', name: 'One', state: 'active', passwords: 0 });

  const read = await api.get('/v1/devices/c1');
  expect(read.headers.get('etag')).toBe(etag);
  const changed = await api.send('PATCH', '/v1/devices/c1', { name: 'Two' }, { 'if-match': etag });
  expect(changed.status).toBe(200);
  expect(await changed.json()).toMatchObject({ deviceUid: 'c1', name: 'Two', productId: 'pump' });

  expect(await answer(api.send('PATCH', '/v1/devices/c1', { name: 'Late' }, { 'if-match': etag }))).toMatchObject({
    status: 412,
    code: 'precondition_failed',
  });
  const now = changed.headers.get('etag')!;
  expect((await api.send('DELETE', '/v1/devices/c1', undefined, { 'if-match': etag })).status).toBe(412);
  expect((await api.send('DELETE', '/v1/devices/c1', undefined, { 'if-match': now })).status).toBe(204);
  expect(await answer(api.get('/v1/devices/c1'))).toMatchObject({ status: 404, code: 'not_found' });
});

test('a change is live in the services within a second', async () => {
  await api.send('POST', '/v1/devices', device('live'));
  await vi.waitFor(
    async () =>
      expect((await api.get('/v1/latest?devices=live')).json()).resolves.toMatchObject({
        devices: [{ device: 'live' }],
      }),
    {
      timeout: 1_000,
      interval: 20,
    },
  );
  await api.send('DELETE', '/v1/devices/live', undefined);
});

test('lists are filtered, searched, sorted and cut into pages', async () => {
  for (const [uid, name, state] of [
    ['l1', 'Zed', 'active'],
    ['l2', 'Ann', 'disabled'],
    ['l3', 'Bob', 'active'],
    ['l4', 'Ann', 'active'],
  ])
    await api.send('POST', '/v1/devices', device(uid!, { name, state }));
  const uids = async (query: string): Promise<unknown[]> => {
    const found: unknown[] = [];
    for (let next: unknown = null, first = true; first || next !== null; first = false) {
      const cursor = next === null ? '' : `&cursor=${next as string}`;
      const page = await answer(api.get(`/v1/devices?limit=2&${query}${cursor}`));
      expect(page.status, JSON.stringify(page)).toBe(200);
      found.push(...(page['items'] as Json[]).map(({ deviceUid }) => deviceUid));
      next = page['next'];
    }
    return found;
  };
  expect(await uids('')).toEqual(['d1', 'd2', 'd3', 'l1', 'l2', 'l3', 'l4']);
  expect(await uids('state=disabled')).toEqual(['l2']);
  expect(await uids('search=AN')).toEqual(['l2', 'l4']);
  expect(await uids('search=L&sort=name')).toEqual(['l2', 'l4', 'l3', 'l1']);
  expect(await uids('search=L&sort=-name')).toEqual(['l1', 'l3', 'l4', 'l2']);
  expect(await uids('search=%25')).toEqual([]);
  expect((await answer(api.get('/v1/devices?sort=secret')))['code']).toBe('invalid_field');
  expect((await answer(api.get('/v1/devices?cursor=abc')))['code']).toBe('invalid_field');
  for (const uid of ['l1', 'l2', 'l3', 'l4']) await api.send('DELETE', `/v1/devices/${uid}`, undefined);
});

test('a creation that is sent again with its key creates nothing more', async () => {
  const key = { 'idempotency-key': 'again-1' };
  const first = await api.send('POST', '/v1/devices', device('i1'), key);
  const second = await api.send('POST', '/v1/devices', device('i1'), key);
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
  expect(await answer(api.send('POST', '/v1/devices', device('i1')))).toMatchObject({
    status: 409,
    code: 'already_exists',
  });
  expect((await answer(api.send('POST', '/v1/devices', device('i2'), key)))['code']).toBe('idempotency_key_reused');
  const together = await Promise.all(
    Array.from({ length: 8 }, () => api.send('POST', '/v1/devices', device('i3'), { 'idempotency-key': 'again-2' })),
  );
  expect(new Set(together.map(({ status }) => status))).toEqual(new Set([201]));
  expect(new Set(together.map(({ headers }) => headers.get('etag'))).size).toBe(1);
  for (const uid of ['i1', 'i3']) await api.send('DELETE', `/v1/devices/${uid}`, undefined);
});

test('what an entity refers to is there, and stays while something refers to it', async () => {
  expect(await answer(api.send('POST', '/v1/devices', device('r1', { productId: 'absent' })))).toMatchObject({
    status: 422,
    code: 'unknown_reference',
    errors: [{ field: 'productId' }],
  });
  expect(await answer(api.send('DELETE', '/v1/products/pump', undefined))).toMatchObject({
    status: 409,
    code: 'in_use',
  });
  await api.send('POST', '/v1/channels', { channelId: 'mail', kind: 'email', secrets: { password: 'hunter22' } });
  await api.send('POST', '/v1/templates', { templateId: 'text', subject: 's', body: 'b' });
  const notify = [{ channelId: 'mail', templateId: 'text', recipients: ['a@b.example'] }];
  const rule = {
    ruleId: 'hot',
    name: 'Hot',
    productId: 'pump',
    signal: 't',
    grades: [{ severity: 'major', low: 5 }],
    notify,
  };
  expect(await answer(api.send('POST', '/v1/alarm-rules', rule))).toMatchObject({ status: 201 });
  expect(await answer(api.send('DELETE', '/v1/channels/mail', undefined))).toMatchObject({
    status: 409,
    code: 'in_use',
  });
  await api.send('DELETE', '/v1/alarm-rules/hot', undefined);
  expect((await api.send('DELETE', '/v1/channels/mail', undefined)).status).toBe(204);
  expect((await api.send('DELETE', '/v1/templates/text', undefined)).status).toBe(204);
});

test('secrets go in and never come out', async () => {
  const sent = { channelId: 'robot', kind: 'dingtalk', secrets: { accessToken: 'canary-4711', secret: 'canary-4712' } };
  const created = await answer(api.send('POST', '/v1/channels', sent));
  expect(created).toMatchObject({ status: 201, hasSecrets: true });
  const patched = await answer(api.send('PATCH', '/v1/channels/robot', { settings: { robot: 'x' } }));
  expect(patched).toMatchObject({ status: 200, hasSecrets: true, settings: { robot: 'x' } });
  await api.send('POST', '/v1/devices', device('s1', { passwords: ['canary-4713'] }));
  const seen = await Promise.all(
    ['/v1/channels', '/v1/channels/robot', '/v1/devices/s1', '/v1/api-keys'].map(async (path) =>
      (await api.get(path)).text(),
    ),
  );
  expect(seen.join()).not.toMatch(/canary|hash|[Ss]ealed/);
  expect(JSON.parse(seen[2]!)).toMatchObject({ passwords: 1 });
  for (const path of ['channels/robot', 'devices/s1']) await api.send('DELETE', `/v1/${path}`, undefined);
});

test('a key is shown once, opens what it may, and ends with its deletion', async () => {
  const created = await answer(api.send('POST', '/v1/api-keys', { scopes: ['read'] }));
  expect(created.status).toBe(201);
  const { key, keyId } = created as unknown as { key: string; keyId: string };
  await vi.waitFor(async () => expect((await api.get('/v1/devices', key)).status).toBe(200), 2_000);
  expect(
    (await answer(api.send('POST', '/v1/devices', device('k1'), { authorization: `Bearer ${key}` })))['code'],
  ).toBe('not_allowed');
  expect((await answer(api.send('POST', '/v1/api-keys', { scopes: ['platform'] })))['code']).toBe('not_allowed');
  await api.send('DELETE', `/v1/api-keys/${keyId}`, undefined);
  await vi.waitFor(async () => expect((await api.get('/v1/devices', key)).status).toBe(401), 2_000);
});

test('the tenant is that of the key: none can be named, and nobody else’s is seen or changed', async () => {
  expect((await answer(api.send('POST', '/v1/devices', device('t1', { tenant: api.other }))))['errors']).toMatchObject([
    { field: 'tenant' },
  ]);
  expect((await answer(api.send('PATCH', '/v1/devices/d1', { tenant: api.other })))['errors']).toMatchObject([
    { field: 'tenant' },
  ]);
  for (const path of ['devices/d1', 'products/pump'])
    expect((await api.get(`/v1/${path}`, api.otherKey)).status).toBe(404);
  const foreign = { authorization: `Bearer ${api.otherKey}` };
  expect((await answer(api.send('PATCH', '/v1/devices/d1', { name: 'mine' }, foreign)))['code']).toMatch(
    /not_found|not_allowed/,
  );
  expect((await answer(api.send('GET', '/v1/devices', undefined, { 'millrace-tenant': api.other })))['code']).toBe(
    'not_allowed',
  );
  const platform = { authorization: `Bearer ${api.adminKey}`, 'millrace-tenant': api.tenant };
  expect((await answer(api.send('GET', '/v1/devices/d1', undefined, platform)))['deviceUid']).toBe('d1');
  expect((await answer(api.get('/v1/tenants')))['code']).toBe('not_allowed');
});

test('no more devices fit than the quota of the tenant says, however many come at once', async () => {
  const admin = { authorization: `Bearer ${api.adminKey}` };
  const quota = (devices: number): Promise<Response> =>
    api.send('PATCH', `/v1/tenants/${api.tenant}`, { quotas: { devices } }, admin);
  expect((await quota(5)).status).toBe(200);
  const sent = Array.from({ length: 6 }, (_, n) => api.send('POST', '/v1/devices', device(`q${n}`)));
  const answers = await Promise.all((await Promise.all(sent)).map(answer));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
  expect(answers.find(({ status }) => status !== 201)).toMatchObject({ status: 429, code: 'quota_exceeded' });
  expect((await api.send('PATCH', `/v1/tenants/${api.tenant}`, { quotas: null }, admin)).status).toBe(200);
  for (let n = 0; n < 6; n += 1) await api.send('DELETE', `/v1/devices/q${n}`, undefined);
});

test('wrong members are named, all of them', async () => {
  const wrong = await answer(api.send('POST', '/v1/devices', { deviceUid: 'a b', productId: 1, colour: 'red' }));
  expect(wrong).toMatchObject({ status: 400, code: 'invalid_field' });
  expect((wrong['errors'] as Json[]).map(({ field }) => String(field)).toSorted()).toEqual([
    '',
    'deviceUid',
    'productId',
  ]);
  expect((await answer(api.send('POST', '/v1/devices', ['d'])))['code']).toBe('invalid_field');
  expect((await answer(api.send('PATCH', '/v1/devices/d1', { deviceUid: 'd9' })))['code']).toBe('invalid_field');
});

test('files are compared first, then applied whole, and what they do not have is deleted only on wish', async () => {
  const files = {
    tenants: [{ tenant: api.tenant, name: api.tenant, ownTable: true }],
    products: [{ tenant: api.tenant, productId: 'fan', name: 'Fan' }],
    devices: [{ tenant: api.tenant, deviceUid: 'f1', productId: 'fan' }],
  };
  const planned = await answer(api.send('POST', '/v1/config/apply?dryRun=true', files));
  expect(planned).toMatchObject({
    status: 200,
    unchanged: 1,
    position: null,
    changes: [
      { entity: 'products', id: 'fan', change: 'created' },
      { entity: 'devices', id: 'f1', change: 'created' },
    ],
  });
  expect((await api.get('/v1/products/fan')).status).toBe(404);
  expect((await answer(api.send('POST', '/v1/config/apply', files)))['position']).toMatch(/^\d+$/);
  expect(await answer(api.send('POST', '/v1/config/apply', files))).toMatchObject({ changes: [], unchanged: 3 });
  const pruned = await answer(api.send('POST', '/v1/config/apply?dryRun=true&prune=true', files));
  expect((pruned['changes'] as Json[]).map(({ entity, id }) => `${String(entity)}/${String(id)}`)).toEqual(
    expect.arrayContaining(['devices/d1', 'products/pump', 'statistics/mean']),
  );
  for (const path of ['devices/f1', 'products/fan']) await api.send('DELETE', `/v1/${path}`, undefined);
});

test('a tenant that applies files changes neither itself nor another tenant, nor gives itself more', async () => {
  const own = { tenant: api.tenant, name: api.tenant, ownTable: true };
  const refused = async (files: object): Promise<unknown> =>
    (await answer(api.send('POST', '/v1/config/apply', files)))['code'];
  expect(await refused({ tenants: [{ ...own, ownTable: false }] })).toBe('not_allowed');
  expect(await refused({ tenants: [{ tenant: api.other, name: 'x' }] })).toBe('not_allowed');
  const key = { tenant: api.tenant, keyId: 'mine', key: 'mine.0123456789abcdef', scopes: ['platform'] };
  expect(await refused({ tenants: [own], apiKeys: [key] })).toBe('not_allowed');
});
