/** Certificates of the built-in authority, as programs and devices ask for them. */
import { createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { certificateRequest } from '@millrace/testkit/certificates';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ApiUnderTest } from '../../testing/api-under-test.ts';

const api = new ApiUnderTest(['read', 'write', 'admin']);
beforeAll(() => api.start(), 60_000);
afterAll(() => api.close(), 30_000);

type Json = Readonly<Record<string, unknown>>;

async function ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) {
  const response = await api.send(method, path, body, headers);
  const text = await response.text();
  return { ...(text === '' ? {} : (JSON.parse(text) as Json)), status: response.status } as Json & { status: number };
}

const issue = (uid: string, body: Json = {}) => ask('POST', `/v1/devices/${uid}/certificates`, body);
const revokedSerials = async (): Promise<unknown> =>
  (await ask('GET', '/v1/certificate-authorities/built-in'))['revokedSerials'];

test('without an authority nothing is issued; one is made, and shows its certificate alone', async () => {
  expect(await issue('d1')).toMatchObject({ status: 409, detail: expect.stringContaining('built-in') });
  const made = await ask('POST', '/v1/certificate-authorities/built-in');
  expect(made).toMatchObject({ status: 201, authorityId: 'built-in', revokedSerials: [] });
  expect(Object.keys(made).toSorted()).toEqual(
    ['authorityId', 'certificate', 'createdAt', 'deviceFrom', 'revokedSerials', 'status', 'updatedAt'].toSorted(),
  );
  expect(await ask('POST', '/v1/certificate-authorities/built-in')).toMatchObject({ status: 409 });
});

test('a certificate is issued with a key that is shown once, or for a request of the device', async () => {
  const withKey = await issue('d1', { days: 7 });
  expect(withKey).toMatchObject({ status: 201, privateKey: expect.stringContaining('PRIVATE KEY') });
  const certificate = new X509Certificate(withKey['certificate'] as string);
  expect(certificate.checkPrivateKey(createPrivateKey(withKey['privateKey'] as string))).toBe(true);
  expect(certificate.subject).toBe('CN=d1');
  const { request } = await certificateRequest('CN=somebody else');
  const forRequest = await issue('d1', { request });
  expect(forRequest).toMatchObject({ status: 201, privateKey: null });
  expect(await issue('d1', { request })).toEqual(forRequest);
  const { items } = await ask('GET', '/v1/devices/d1/certificates');
  expect(items).toMatchObject([withKey, forRequest].map(({ serialNumber }) => ({ serialNumber, revokedAt: null })));
  expect(await issue('absent')).toMatchObject({ status: 404 });
  expect(await issue('d1', { request: 'none' })).toMatchObject({ status: 400, code: 'invalid_field' });
});

test('a device has four valid certificates at most; a revoked one makes room and stands on the authority', async () => {
  const made = await Promise.all([1, 2, 3, 4, 5].map(() => issue('d2')));
  expect(made.map(({ status }) => String(status)).toSorted()).toEqual(['201', '201', '201', '201', '409']);
  const { serialNumber } = made.find(({ status }) => status === 201)!;
  const path = `/v1/devices/d2/certificates/${serialNumber as string}`;
  expect((await ask('DELETE', '/v1/devices/d1/certificates/0A')).status).toBe(404);
  for (let n = 0; n < 2; n += 1) expect((await ask('DELETE', path)).status).toBe(204);
  expect(await revokedSerials()).toEqual([serialNumber]);
  expect((await issue('d2')).status).toBe(201);
});

test('what a deleted device had opens nothing for the next one of its name', async () => {
  const byCall = await issue('d3');
  await ask('DELETE', '/v1/devices/d3');
  expect(await revokedSerials()).toContain(byCall['serialNumber']);
  await ask('POST', '/v1/devices', { deviceUid: 'd3', productId: 'pump' });
  const byFiles = await issue('d3');
  const { status: _, ...exported } = await ask('GET', '/v1/config/export');
  const devices = (exported['devices'] as Json[]).filter(({ deviceUid }) => deviceUid !== 'd3');
  expect(await ask('POST', '/v1/config/apply?prune=true', { ...exported, devices })).toMatchObject({ status: 200 });
  expect(await revokedSerials()).toEqual(expect.arrayContaining([byCall['serialNumber'], byFiles['serialNumber']]));
  await ask('POST', '/v1/devices', { deviceUid: 'd3', productId: 'pump' });
});

const renew = (user: string, body: Json) =>
  ask('POST', '/v1/certificate-renewals', body, { authorization: `Basic ${btoa(`${user}:`)}` });
const signatureOf = (text: string, key: string): string => sign('sha256', Buffer.from(text), key).toString('base64');

test('a device renews its own certificate by a signature of the key that it has, and nobody else does', async () => {
  const old = await certificateRequest();
  const first = await issue('d3', { request: old.request });
  const { request } = await certificateRequest();
  const signature = signatureOf(request, old.key);
  const renewed = await renew(`${api.tenant}/d3`, { request, signature });
  expect(renewed).toMatchObject({ status: 201, privateKey: null });
  expect(renewed['serialNumber']).not.toBe(first['serialNumber']);
  expect(await renew(`${api.tenant}/d3`, { request, signature })).toEqual(renewed);

  const stranger = await certificateRequest();
  for (const [user, body] of [
    [`${api.tenant}/d1`, { request, signature }],
    [`${api.other}/d3`, { request, signature }],
    [`${api.tenant}/absent`, { request, signature }],
    [`${api.tenant}/d3`, { request }],
    [`${api.tenant}/d3`, { request, signature: signatureOf(request, stranger.key) }],
    [`${api.tenant}/d3`, { request: stranger.request, signature }],
    [api.tenant, { request, signature }],
  ] as const)
    expect(await renew(user, body), user).toMatchObject({ status: 401, code: 'unauthenticated' });
  await ask('DELETE', `/v1/devices/d3/certificates/${first['serialNumber'] as string}`);
  const another = await certificateRequest();
  const late = { request: another.request, signature: signatureOf(another.request, old.key) };
  expect(await renew(`${api.tenant}/d3`, late)).toMatchObject({ status: 401 });
});

test('a device renews with its key or password too, unless it is disabled', async () => {
  const { key } = await ask('POST', '/v1/device-credentials', { deviceUid: 'd1', kind: 'key' });
  const { password } = await ask('POST', '/v1/devices/d1/password');
  const { request } = await certificateRequest();
  const by = (authorization: string) => ask('POST', '/v1/certificate-renewals', { request }, { authorization });
  const basic = `Basic ${btoa(`${api.tenant}/d1:${password as string}`)}`;
  // Until a credential is live it counts as a guess, and guesses are limited.
  const rarely = { timeout: 10_000, interval: 1_000 };
  for (const authorization of [`Bearer ${key as string}`, basic])
    await vi.waitFor(async () => expect((await by(authorization)).status).toBe(201), rarely);
  expect(await by(`Bearer ${api.key}`)).toMatchObject({ status: 401 });
  await ask('PATCH', '/v1/devices/d1', { state: 'disabled' });
  expect(await by(basic)).toMatchObject({ status: 403, code: 'device_disabled' });
});
