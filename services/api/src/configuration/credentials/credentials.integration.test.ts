/** Secrets that the api makes: shown once, two valid while they are changed over, and gone when that is over. */
import { randomUUID } from 'node:crypto';
import { keyIdOf } from '@millrace/auth';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ApiUnderTest } from '../../testing/api-under-test.ts';

const api = new ApiUnderTest(['read', 'write', 'admin']);
beforeAll(() => api.start(), 60_000);
afterAll(() => api.close(), 30_000);

type Json = Readonly<Record<string, unknown>>;

async function answer(response: Promise<Response>): Promise<Json & { readonly status: number }> {
  const { status } = await response;
  const text = await (await response).text();
  return { ...(text === '' ? {} : (JSON.parse(text) as Json)), status };
}

const ask = (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) =>
  answer(api.send(method, path, body, headers));

/** Of a device, in their order. */
async function hashesOf(uid: string): Promise<readonly string[]> {
  const { devices } = (await (await api.get('/v1/config/export')).json()) as {
    devices: readonly { readonly deviceUid: string; readonly passwordHashes: readonly string[] }[];
  };
  return devices.find(({ deviceUid }) => deviceUid === uid)!.passwordHashes;
}

const password = '/v1/devices/d1/password';

test('a password is made and shown this once; the one before stays until it is removed', async () => {
  const first = await api.send('POST', password, undefined);
  expect([first.status, first.headers.get('cache-control')]).toEqual([201, 'no-store']);
  expect(await first.json()).toEqual({ deviceUid: 'd1', password: expect.stringMatching(/^[\w-]{43}$/), passwords: 1 });
  const [old] = await hashesOf('d1');
  expect(await ask('POST', password)).toMatchObject({ status: 201, passwords: 2 });
  const both = await hashesOf('d1');
  expect(both[0]).toBe(old);
  expect(await ask('POST', password)).toMatchObject({ status: 409, code: 'conflict' });

  expect((await ask('DELETE', `${password}/old`)).status).toBe(204);
  expect(await hashesOf('d1')).toEqual([both[1]]);
  expect(await ask('DELETE', `${password}/old`)).toMatchObject({ status: 409, code: 'conflict' });
  await ask('POST', password);
  expect((await ask('DELETE', `${password}/new`)).status).toBe(204);
  expect(await hashesOf('d1')).toEqual([both[1]]);
  expect(await ask('DELETE', `${password}/other`)).toMatchObject({ status: 400 });
  expect(await ask('POST', '/v1/devices/absent/password')).toMatchObject({ status: 404 });
});

test('a request for a password that is repeated under its key makes another in the place of the unseen one', async () => {
  const made = '/v1/devices/d2/password';
  const headers = { 'idempotency-key': randomUUID() };
  await ask('POST', made);
  const [old] = await hashesOf('d2');
  const [lost, again] = [await ask('POST', made, undefined, headers), await ask('POST', made, undefined, headers)];
  expect([lost['passwords'], again['passwords']]).toEqual([2, 2]);
  expect(again['password']).not.toBe(lost['password']);
  const both = await hashesOf('d2');
  expect(both[0]).toBe(old);
  expect(await ask('POST', made, undefined, headers)).toMatchObject({ status: 201, passwords: 2 });
  expect((await hashesOf('d2'))[1]).not.toBe(both[1]);
  expect(await ask('POST', '/v1/devices/d3/password', undefined, headers)).toMatchObject({
    status: 422,
    code: 'idempotency_key_reused',
  });
  await ask('DELETE', `${made}/old`);
  expect(await ask('POST', made, undefined, headers)).toMatchObject({ status: 409, code: 'conflict' });
});

async function newKey(scopes: readonly string[] = ['read']): Promise<string> {
  const made = await ask('POST', '/v1/api-keys', { scopes });
  const key = made['key'] as string;
  await becomes(key, 200);
  return key;
}

async function becomes(key: string, status: number, timeout = 10_000): Promise<void> {
  await vi.waitFor(async () => expect((await api.get('/v1/access', key)).status).toBe(status), {
    timeout,
    interval: 20,
  });
}

const rotate = (key: string, body?: Json, headers?: Readonly<Record<string, string>>) =>
  ask('POST', `/v1/api-keys/${keyIdOf(key)}/rotate`, body, headers);

test('a rotated key has the same id and scopes; the secret before opens until the overlap is over', async () => {
  const old = await newKey();
  const { status, key, previousUntil, scopes } = await rotate(old, { overlapSeconds: 2 });
  expect([status, scopes, keyIdOf(key as string)]).toEqual([200, ['read'], keyIdOf(old)]);
  await becomes(key as string, 200);
  expect((await api.get('/v1/access', old)).status).toBe(200);
  expect(Date.parse(previousUntil as string)).toBeGreaterThan(Date.now());
  await becomes(old, 401);
  expect(Date.parse(previousUntil as string)).toBeLessThanOrEqual(Date.now());
  expect((await api.get('/v1/access', key as string)).status).toBe(200);
});

test('without an overlap the secret before ends at once; without a body it has a day', async () => {
  const first = await newKey();
  const second = await rotate(first, { overlapSeconds: 0 });
  expect(second).toMatchObject({ previousUntil: null });
  await becomes(first, 401, 1_000);
  const third = await rotate(second['key'] as string);
  const seconds = (Date.parse(third['previousUntil'] as string) - Date.now()) / 1000;
  expect(seconds).toBeGreaterThan(86_300);
  expect(seconds).toBeLessThanOrEqual(86_400);
});

test('a rotation that is repeated under its key keeps the secret in use, and only its last answer counts', async () => {
  const old = await newKey();
  const headers = { 'idempotency-key': randomUUID() };
  const lost = await rotate(old, {}, headers);
  const again = await rotate(old, {}, headers);
  expect(again['previousUntil']).toBe(lost['previousUntil']);
  await becomes(again['key'] as string, 200);
  await becomes(lost['key'] as string, 401);
  expect((await api.get('/v1/access', old)).status).toBe(200);
});

test('nobody gets by rotation what he could not give, and what has ended is not rotated', async () => {
  const foreign = await ask('POST', `/v1/api-keys/${keyIdOf(api.otherKey)}/rotate`, {});
  expect(foreign).toMatchObject({ status: 404 });
  const made = await api.post(`/v1/api-keys/${keyIdOf(api.adminKey)}/rotate`, {}, api.adminKey);
  expect(await made.json()).toMatchObject({ status: 409, detail: expect.stringContaining('MILLRACE_ADMIN_KEY') });
  const headers = { authorization: `Bearer ${api.adminKey}`, 'millrace-tenant': api.tenant };
  const strong = await ask('POST', '/v1/api-keys', { scopes: ['ingest'] }, headers);
  expect(await rotate(strong['key'] as string)).toMatchObject({ status: 403, code: 'not_allowed' });
  const ended = await ask('POST', '/v1/api-keys', { scopes: ['read'], expiresAt: '2020-01-01T00:00:00Z' });
  expect(await rotate(ended['key'] as string)).toMatchObject({ status: 409, code: 'conflict' });
});
