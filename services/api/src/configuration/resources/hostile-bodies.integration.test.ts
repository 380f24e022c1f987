/** What a body may try: to be something else, to be too large, to be too deep, never to end. */
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ApiUnderTest } from '../../testing/api-under-test.ts';

const api = new ApiUnderTest(['read', 'write', 'admin']);
beforeAll(() => api.start(), 60_000);
afterAll(() => api.close(), 30_000);

const answered = async (response: Response): Promise<readonly [number, unknown]> => [
  response.status,
  ((await response.json()) as { readonly code?: unknown }).code,
];

test('a prototype in a body is refused', async () => {
  const response = await fetch(`${api.url}/v1/devices/d1`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${api.key}`, 'content-type': 'application/merge-patch+json' },
    body: '{"__proto__": {"state": "disabled"}}',
  });
  expect(response.status).toBe(400);
});

test('a body that is too large is refused before it is read to its end', async () => {
  const name = 'x'.repeat(2 * 1024 * 1024);
  expect(await answered(await api.send('POST', '/v1/devices', { deviceUid: 'big', name }))).toEqual([
    413,
    'body_too_large',
  ]);
});

test('a body that is nested ten thousand deep costs nothing', async () => {
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
  for (const body of [deep, `{"deviceUid": "d", "attributes": ${deep}}`]) {
    const response = await fetch(`${api.url}/v1/devices`, {
      method: 'POST',
      headers: { authorization: `Bearer ${api.key}`, 'content-type': 'application/json' },
      body,
    });
    expect((await answered(response))[0]).toBe(400);
  }
});

test('a body that never ends is cut off', { timeout: 60_000 }, async () => {
  const { port } = new URL(api.url);
  const status = await new Promise<number | string>((resolve) => {
    const slow = request({
      port,
      path: '/v1/devices',
      method: 'POST',
      headers: { authorization: `Bearer ${api.key}`, 'content-type': 'application/json', 'content-length': 100 },
    });
    slow.on('response', (response) => resolve(response.statusCode ?? 0));
    slow.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    slow.write('{');
  });
  expect([408, 'ECONNRESET']).toContain(status);
});

test.each([
  ['malformed JSON', 'application/json', '{"deviceUid": '],
  ['no JSON at all', 'application/json', 'deviceUid=1'],
  ['an empty body', 'application/json', ''],
])('%s is told as such', async (_, contentType, body) => {
  const headers = { authorization: `Bearer ${api.key}`, 'content-type': contentType };
  const response = await fetch(`${api.url}/v1/devices`, { method: 'POST', headers, body });
  expect((await answered(response))[0]).toBe(400);
});

test('what no topic can hold is refused, or left out and counted: what comes after it is published', async () => {
  const headers = { authorization: `Bearer ${api.adminKey}`, 'millrace-tenant': api.tenant };
  for (const expiresAt of ['9999-12-31T23:59:59Z', '0001-01-01T00:00:00Z'])
    expect((await answered(await api.send('POST', '/v1/api-keys', { scopes: ['read'], expiresAt }, headers)))[0]).toBe(
      400,
    );
  await api.spoil('d2');
  await api.send('POST', '/v1/devices', { deviceUid: 'after', productId: 'pump' });
  await vi.waitFor(async () => {
    const latest = (await (await api.get('/v1/latest?devices=after')).json()) as { readonly devices: unknown };
    expect(latest.devices).toMatchObject([{ device: 'after' }]);
  }, 10_000);
});

test('a body of another type is refused', async () => {
  const headers = { authorization: `Bearer ${api.key}`, 'content-type': 'text/xml' };
  const response = await fetch(`${api.url}/v1/devices`, { method: 'POST', headers, body: '<device/>' });
  expect(await answered(response)).toEqual([415, 'unsupported_media_type']);
});

test.each([["' OR '1'='1", "x'; DROP TABLE devices; --", '$1', '\\', '%', '"']])(
  'text that looks like SQL is text',
  async (...texts) => {
    for (const text of texts) {
      const query = new URLSearchParams({ search: text });
      const found = await api.get(`/v1/devices?${query.toString()}`);
      expect([found.status, ((await found.json()) as { items: unknown[] }).items]).toEqual([200, []]);
      const named = await api.get(`/v1/devices?${new URLSearchParams({ productId: text }).toString()}`);
      expect(((await named.json()) as { items: unknown[] }).items).toEqual([]);
      expect((await api.get(`/v1/devices/${encodeURIComponent(text)}`)).status).toBe(404);
    }
    const name = "Robert'); DROP TABLE devices;--";
    expect((await api.send('PATCH', '/v1/devices/d1', { name })).status).toBe(200);
    expect(await (await api.get('/v1/devices/d1')).json()).toMatchObject({ name });
  },
);
