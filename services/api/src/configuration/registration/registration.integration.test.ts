/** Devices that register themselves, as they and the people of their tenant see it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiUnderTest } from '../../testing/api-under-test.ts';

const api = new ApiUnderTest(['read', 'write', 'admin']);
beforeAll(() => api.start(), 60_000);
afterAll(() => api.close(), 30_000);

type Json = Readonly<Record<string, unknown>>;
type Answer = Json & { readonly status: number; readonly retryAfter: string | null };

async function ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) {
  const response = await api.send(method, path, body, headers);
  const text = await response.text();
  const answer = text === '' ? {} : (JSON.parse(text) as Json);
  return { ...answer, status: response.status, retryAfter: response.headers.get('retry-after') } as Answer;
}

interface Secret {
  readonly secretId: string;
  readonly secret: string;
}

const newSecret = async (order: Json = {}): Promise<Secret> =>
  (await ask('POST', '/v1/registration-secrets', { productId: 'pump', approval: false, ...order })) as never;

const claimOf = (who: string): string => who.padEnd(32, '-');

function register({ secret }: Pick<Secret, 'secret'>, deviceUid: string, more: Json = {}): Promise<Answer> {
  const body = { deviceUid, claim: claimOf(deviceUid), ...more };
  return ask('POST', '/v1/registrations', body, { authorization: `Bearer ${secret}` });
}

const credentialsOf = async (uid: string): Promise<readonly Json[]> =>
  (await ask('GET', `/v1/device-credentials?deviceUid=${uid}`))['items'] as Json[];

test('a secret is shown once; who has it becomes a device of its product, with a key', async () => {
  const secret = await newSecret({ name: 'Batch 1' });
  expect(secret).toMatchObject({ status: 201, name: 'Batch 1', devicesMax: 1_000, enabled: true });
  const registered = await register(secret, 'a1');
  expect(registered).toMatchObject({ status: 201, tenant: api.tenant, deviceUid: 'a1', credential: { kind: 'key' } });
  expect(await ask('GET', '/v1/devices/a1')).toMatchObject({ productId: 'pump', state: 'active' });
  expect(await credentialsOf('a1')).toHaveLength(1);
  expect(await ask('GET', '/v1/registrations/a1')).toMatchObject({ state: 'enrolled', credential: 'key' });
  expect(JSON.stringify(await ask('GET', '/v1/registration-secrets'))).not.toContain(secret.secret.split('.')[1]);
});

test('whose answer got lost asks again with its claim, and what it had before is taken back', async () => {
  const secret = await newSecret();
  const first = await register(secret, 'b1');
  const [lost] = await credentialsOf('b1');
  const second = await register(secret, 'b1');
  expect(second).toMatchObject({ status: 201 });
  expect(second['credential']).not.toEqual(first['credential']);
  const now = await credentialsOf('b1');
  expect(now).toHaveLength(1);
  expect(now[0]!['credentialId']).not.toBe(lost!['credentialId']);

  expect(await register(secret, 'b1', { credential: { kind: 'password' } })).toMatchObject({
    status: 201,
    credential: { kind: 'password', username: `${api.tenant}/b1` },
  });
  expect(await credentialsOf('b1')).toEqual([]);
  await register(secret, 'b1', { credential: { kind: 'password' } });
  expect(await ask('GET', '/v1/devices/b1')).toMatchObject({ passwords: 1 });
});

test('another device with the same secret does not get the uid, nor one that is a device already', async () => {
  const secret = await newSecret();
  await register(secret, 'c1');
  const before = await credentialsOf('c1');
  for (const [uid, claim] of [
    ['c1', claimOf('stranger')],
    ['d1', claimOf('d1')],
  ] as const)
    expect(await register(secret, uid, { claim })).toMatchObject({ status: 403, code: 'not_allowed' });
  expect(await credentialsOf('c1')).toEqual(before);
  expect(await credentialsOf('d1')).toEqual([]);
  const elsewhere = await newSecret();
  expect(await register(elsewhere, 'c1')).toMatchObject({ status: 403, code: 'not_allowed' });
});

test('where a person approves, a device waits, is let in, or is kept out', async () => {
  const secret = await newSecret({ approval: true });
  const waiting = await register(secret, 'w1');
  expect(waiting).toMatchObject({ status: 202, retryAfter: '300', state: 'pending' });
  await register(secret, 'w2');
  expect((await register(secret, 'w1')).status).toBe(202);
  expect((await ask('GET', '/v1/devices/w1')).status).toBe(404);
  const first = await ask('GET', `/v1/registrations?state=pending&secretId=${secret.secretId}&limit=1`);
  expect(first['items']).toMatchObject([{ deviceUid: 'w1', productId: 'pump' }]);
  const rest = await ask('GET', `/v1/registrations?state=pending&cursor=${first['next'] as string}`);
  expect(rest['items']).toMatchObject([{ deviceUid: 'w2' }]);

  expect(await ask('POST', '/v1/registrations/w1/approve')).toMatchObject({ status: 200, state: 'approved' });
  expect(await register(secret, 'w1', { claim: claimOf('stranger') })).toMatchObject({ status: 403 });
  expect(await register(secret, 'w1')).toMatchObject({ status: 201 });
  expect(await ask('POST', '/v1/registrations/w1/refuse')).toMatchObject({ status: 409, code: 'conflict' });
  expect(await ask('POST', '/v1/registrations/w2/refuse')).toMatchObject({ status: 200, state: 'refused' });
  expect(await register(secret, 'w2')).toMatchObject({ status: 403 });
  expect((await ask('DELETE', '/v1/registrations/w2')).status).toBe(204);
  expect(await register(secret, 'w2')).toMatchObject({ status: 202 });
});

test('a secret brings no more devices than it may, and none once it is disabled, has ended or is deleted', async () => {
  const secret = await newSecret({ devicesMax: 2 });
  const came = await Promise.all(['m1', 'm2', 'm3'].map((uid) => register(secret, uid)));
  expect(came.map(({ status }) => String(status)).toSorted()).toEqual(['201', '201', '403']);
  const path = `/v1/registration-secrets/${secret.secretId}`;
  for (const change of [{ enabled: false }, { enabled: true, expiresAt: '2020-01-01T00:00:00Z' }]) {
    expect(await ask('PATCH', path, change)).toMatchObject({ status: 200 });
    expect(await register(secret, 'm4')).toMatchObject({ status: 401, code: 'unauthenticated' });
  }
  await ask('PATCH', path, { expiresAt: null, devicesMax: 3 });
  expect((await register(secret, 'm4')).status).toBe(201);
  expect(await ask('DELETE', '/v1/products/pump')).toMatchObject({ status: 409 });
  expect((await ask('DELETE', path)).status).toBe(204);
  expect((await register(secret, 'm4')).status).toBe(401);
  expect((await ask('GET', '/v1/devices/m4')).status).toBe(200);
});

test('a device that was deleted or disabled gets nothing by registering again', async () => {
  const secret = await newSecret();
  await register(secret, 'x1', { credential: { kind: 'password' } });
  await ask('PATCH', '/v1/devices/x1', { state: 'disabled' });
  expect(await register(secret, 'x1')).toMatchObject({ status: 403, code: 'not_allowed' });
  expect((await ask('DELETE', '/v1/devices/x1')).status).toBe(204);
  expect(await register(secret, 'x1')).toMatchObject({ status: 403, code: 'not_allowed' });
  expect(await ask('GET', '/v1/registrations/x1')).toMatchObject({ state: 'refused' });
});

test('whoever guesses secrets is held off, and others are not', async () => {
  const secret = await newSecret();
  const guess = { secret: `${secret.secretId}.${'x'.repeat(43)}` };
  const answers: number[] = [];
  for (let n = 0; n < 12; n += 1) answers.push((await register(guess, 'g1')).status);
  expect(answers).toEqual([...Array<number>(10).fill(401), 429, 429]);
  expect(await register(guess, 'g1')).toMatchObject({ code: 'too_many_attempts', retryAfter: '60' });
  expect((await register(await newSecret(), 'g2')).status).toBe(201);
});

test('a flood is told to come again, and everybody gets in at last', async () => {
  const secret = await newSecret();
  const tries = new Map<string, Answer>();
  let left = Array.from({ length: 30 }, (_, n) => `f${n}`);
  let heldOff = 0;
  while (left.length > 0) {
    for (const answer of await Promise.all(
      left.map(async (uid) => {
        const one = await register(secret, uid);
        if (one.status === 201) tries.set(uid, one);
        return one;
      }),
    ))
      if (answer.status !== 201) {
        expect(answer).toMatchObject({ status: 503, code: 'overloaded', retryAfter: '1' });
        heldOff += 1;
      }
    left = left.filter((uid) => !tries.has(uid));
  }
  expect(heldOff).toBeGreaterThan(0);
  expect(new Set([...tries.values()].map(({ credential }) => (credential as Json)['key'])).size).toBe(30);
});
