/** What the api does with requests about connections: checks the key, signs who asks, and hands on. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiUnderTest } from '../testing/api-under-test.ts';

const api = new ApiUnderTest(['read', 'write']);
beforeAll(() => api.start(), 60_000);
afterAll(() => api.close(), 30_000);

const plant = { connectionId: 'plant', kind: 'mqtt', url: 'mqtt://broker.example', password: 'secret' };

test('a request reaches a client manager with who asks, and its answer comes back as it is', async () => {
  const headers = { 'idempotency-key': 'order-1' };
  const created = await api.send('POST', '/v1/connections', plant, headers);
  expect([created.status, created.headers.get('etag'), await created.json()]).toMatchObject([
    201,
    '"7"',
    { connectionId: 'plant', kind: 'mqtt', url: 'mqtt://broker.example' },
  ]);
  const taken = api.clientManager.requests.at(-1)!;
  expect(taken).toMatchObject({ method: 'POST', path: '/v1/connections', headers });
  expect(taken.principal).toEqual({
    tenant: api.tenant,
    keyId: api.key.split('.')[0],
    scopes: ['read', 'write'],
    by: api.instance,
    to: null,
  });
  expect(taken.headers.authorization).toBeUndefined();
  const patch = { 'content-type': 'application/merge-patch+json', 'if-match': '"7"' };
  const patched = await api.send('PATCH', '/v1/connections/plant', { url: 'mqtt://other.example' }, patch);
  expect([patched.status, api.clientManager.requests.at(-1)?.headers]).toMatchObject([200, patch]);
  const list = await api.get('/v1/connections?limit=10');
  expect([await list.json(), api.clientManager.requests.at(-1)?.path]).toMatchObject([
    { items: [{ connectionId: 'plant', url: 'mqtt://other.example' }] },
    '/v1/connections?limit=10',
  ]);
  expect((await api.send('DELETE', '/v1/connections/plant', undefined)).status).toBe(204);
  const gone = await api.get('/v1/connections/plant');
  expect(gone.headers.get('content-type')).toMatch('application/problem+json');
  expect(await gone.json()).toMatchObject({ status: 404, code: 'not_found' });
});

test('a key of the platform acts in the tenant that it names, and asks about instances', async () => {
  const headers = { authorization: `Bearer ${api.adminKey}`, 'millrace-tenant': api.other };
  expect((await api.send('GET', '/v1/connections', undefined, headers)).status).toBe(200);
  expect(api.clientManager.requests.at(-1)?.principal.tenant).toBe(api.other);
  expect((await api.send('GET', '/v1/instances', undefined, headers)).status).toBe(200);
  const count = api.clientManager.requests.length;
  expect((await api.get('/v1/instances')).status).toBe(403);
  expect((await api.get('/v1/connections/plant', 'k.wrong-wrong-wrong-wrong')).status).toBe(401);
  expect(api.clientManager.requests.length).toBe(count);
});
