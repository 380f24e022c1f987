/** Three control sides in one process, against a real Kafka and a real Redis. */
import { connectionSecretPurpose } from '@millrace/config';
import { KeyedSecrets, SecretKey } from '@millrace/auth';
import { testAuthority } from '@millrace/testkit/certificates';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, ControlPlanes, instances, json } from './testing/control-plane.ts';
import { plant } from './testing/plant.ts';

const planes = new ControlPlanes();
const { tenant, clusters } = planes;
const keyOf = (id: string): string => `${tenant}/${id}`;

beforeAll(() => planes.start(), 60_000);
afterAll(() => planes.close(), 30_000);
afterEach(() => {
  for (const member of clusters.members.values()) Object.assign(member, { state: 'active', capacity: 100 });
});

describe('a connection', () => {
  test('is created on the least loaded instance, whichever is asked, and is there on all of them', async () => {
    clusters.owners.set('x/1', 'm1').set('x/2', 'm1').set('x/3', 'm3');
    const created = await planes.ask('m1', 'POST', '/v1/connections', plant('a1'));
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe('/v1/connections/a1');
    const body = (await created.json()) as Answer;
    expect(body).toMatchObject({ tenant, connectionId: 'a1', instance: 'm2', hasPassword: true, origin: 'api' });
    const there = await planes.ask('m1', 'GET', '/v1/connections/a1');
    expect(there.headers.get('etag')).toBe(created.headers.get('etag'));
    expect(await there.json()).toEqual(body);
    for (const name of ['x/1', 'x/2', 'x/3']) clusters.owners.delete(name);
  });

  test('keeps its password to itself: sealed on the topic, in no answer', async () => {
    const text = await (await planes.ask('m3', 'GET', '/v1/connections')).text();
    expect(text).toContain('"a1"');
    expect(text).not.toMatch(/very secret|passwordSealed|"password"/);
    const stored = planes.published.configuration.connections.get(keyOf('a1'))!;
    expect(stored.passwordSealed?.toString('latin1')).not.toContain('very secret');
    const secrets = new KeyedSecrets(SecretKey.fromEnvironment(planes.secretKey));
    expect(secrets.open(stored.passwordSealed!, connectionSecretPurpose(stored, 'password'))).toBe('very secret');
  });

  test('is created once however often it is asked for, and another one of its id is refused', async () => {
    const first = await planes.ask('m1', 'POST', '/v1/connections', plant('a1'));
    const again = await planes.ask('m2', 'POST', '/v1/connections', plant('a1'));
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
    const other = await planes.ask('m3', 'POST', '/v1/connections', plant('a1', { clientId: 'another' }));
    expect(await other.json()).toMatchObject({ status: 409, code: 'already_exists' });
    const changed = await planes.ask('m3', 'POST', '/v1/connections', plant('a1', { password: 'another' }));
    expect(changed.status).toBe(409);
  });

  test('is known by the Idempotency-Key of its creation when it was changed meanwhile', async () => {
    const key = { 'idempotency-key': `order-${tenant}` };
    expect((await planes.ask('m1', 'POST', '/v1/connections', plant('a2'), key)).status).toBe(201);
    expect((await planes.ask('m2', 'PATCH', '/v1/connections/a2', { keepaliveSeconds: 60 })).status).toBe(200);
    const again = await planes.ask('m3', 'POST', '/v1/connections', plant('a2'), key);
    expect([again.status, await again.json()]).toMatchObject([201, { keepaliveSeconds: 60 }]);
    const other = await planes.ask('m3', 'POST', '/v1/connections', plant('a3'), key);
    expect(await other.json()).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
  });

  test('is changed by a patch and by a whole, keeps its password unless told, and refuses what was overtaken', async () => {
    const etag = (await planes.ask('m1', 'GET', '/v1/connections/a1')).headers.get('etag')!;
    const patched = await planes.ask('m1', 'PATCH', '/v1/connections/a1', { enabled: false }, { 'if-match': etag });
    expect(await patched.json()).toMatchObject({ enabled: false, state: 'disabled', hasPassword: true });
    const late = await planes.ask('m2', 'PATCH', '/v1/connections/a1', { enabled: true }, { 'if-match': etag });
    expect(await late.json()).toMatchObject({ status: 412, code: 'precondition_failed' });
    const { password: _, ...whole } = plant('a1') as { password: string };
    const put = await planes.ask('m3', 'PUT', '/v1/connections/a1', whole);
    expect([put.status, await put.json()]).toMatchObject([200, { enabled: true, hasPassword: true }]);
    const open = await planes.ask('m3', 'PATCH', '/v1/connections/a1', { password: null });
    expect(await open.json()).toMatchObject({ hasPassword: false });
  });

  test('shows its password to no other server', async () => {
    await planes.ask('m1', 'PUT', '/v1/connections/a4', plant('a4'));
    const elsewhere = { url: 'mqtt://other.example:1883' };
    const refused = await json(planes.ask('m1', 'PATCH', '/v1/connections/a4', elsewhere));
    expect(refused).toMatchObject({ status: 400, errors: [{ field: 'password' }] });
    const told = await planes.ask('m1', 'PATCH', '/v1/connections/a4', { ...elsewhere, password: 'another' });
    expect(told.status).toBe(200);
  });

  test('keeps the key of its certificate and its token too, and shows none of them', async () => {
    const { certificate: cert, key } = await testAuthority('CN=plant');
    const secure = {
      url: 'mqtts://broker.example:8883',
      password: null,
      token: 'bearer-of-secrets',
      tls: { cert, key },
    };
    const created = await json(planes.ask('m1', 'POST', '/v1/connections', plant('a6', secure)));
    expect(created).toMatchObject({ hasPassword: false, hasToken: true, hasKey: true, tls: { cert } });
    const patched = await json(planes.ask('m2', 'PATCH', '/v1/connections/a6', { tls: { ca: cert }, enabled: false }));
    expect(patched).toMatchObject({ hasToken: true, hasKey: true, tls: { ca: cert, cert } });
    expect(JSON.stringify([created, patched])).not.toMatch(/bearer-of-secrets|PRIVATE KEY|Sealed/);
    const elsewhere = { url: 'mqtts://other.example:8883', token: 'another' };
    const refused = await json(planes.ask('m1', 'PATCH', '/v1/connections/a6', elsewhere));
    expect(refused).toMatchObject({ status: 400, errors: [{ field: 'tls.key' }] });
  });

  test.each([
    ['a kind that there is not', { kind: 'pigeon' }, 'kind'],
    ['a member that there is not', { pasword: 'x' }, ''],
    ['a wrong number', { keepaliveSeconds: 0 }, 'keepaliveSeconds'],
    ['a topic filter that is none', { subscriptions: [{ topicFilter: 'a/#/b' }] }, 'subscriptions.0.topicFilter'],
    ['a password in the url', { url: 'mqtt://user:secret@broker.example' }, 'url'],
    ['a tenant', { tenant: 'other' }, 'tenant'],
    ['text that cannot be stored', { clientId: 'a\0b' }, 'clientId'],
  ])('with %s is refused with the name of the field', async (_, more, field) => {
    const problem = await json(planes.ask('m1', 'POST', '/v1/connections', plant('wrong', more)));
    expect(problem).toMatchObject({ status: 400, code: 'invalid_field', errors: [{ field }] });
    expect(JSON.stringify(problem)).not.toContain('very secret');
  });

  test('of a device that there is not is refused', async () => {
    const registers = [{ name: 't', address: 1 }];
    const press = { connectionId: 'press', kind: 'modbus-tcp', url: 'modbus-tcp://10.0.0.5:502', registers };
    const problem = await json(planes.ask('m1', 'POST', '/v1/connections', { ...press, deviceUid: 'absent' }));
    expect(problem).toMatchObject({ status: 422, code: 'unknown_reference', errors: [{ field: 'deviceUid' }] });
    const created = await planes.ask('m1', 'POST', '/v1/connections', { ...press, deviceUid: 'd1' });
    expect([created.status, await created.json()]).toMatchObject([
      201,
      { deviceUid: 'd1', registers: [{ type: 'uint16' }] },
    ]);
  });

  test('is moved, and deleted by its owner', async () => {
    clusters.owners.set(keyOf('a4'), 'm1');
    const moved = await planes.ask('m2', 'POST', '/v1/connections/a4/move', { instance: 'm3' });
    expect([moved.status, clusters.owners.get(keyOf('a4'))]).toEqual([202, 'm3']);
    expect(await json(planes.ask('m2', 'POST', '/v1/connections/a4/move', { instance: 'm9' }))).toMatchObject({
      status: 404,
    });
    expect((await planes.ask('m1', 'DELETE', '/v1/connections/a4')).status).toBe(204);
    clusters.owners.delete(keyOf('a4'));
    expect((await planes.ask('m1', 'GET', '/v1/connections/a4')).status).toBe(404);
    expect((await planes.ask('m2', 'DELETE', '/v1/connections/a4')).status).toBe(404);
  });

  test('is kept and not in use while no instance has room, and the error names their loads', async () => {
    for (const member of clusters.members.values()) member.capacity = 0;
    const full = await planes.ask('m2', 'POST', '/v1/connections', plant('a5'));
    expect(full.headers.get('retry-after')).toBe('1');
    expect(await full.json()).toMatchObject({
      status: 503,
      code: 'capacity_exhausted',
      retry: 'later',
      detail: expect.stringMatching(/m1 \d+ of 0; m2 \d+ of 0; m3 \d+ of 0/) as string,
    });
    expect(await json(planes.ask('m1', 'GET', '/v1/connections/a5'))).toMatchObject({
      state: 'not_in_use',
      instance: null,
    });
    clusters.members.get('m2')!.capacity = 100;
    const again = await planes.ask('m1', 'POST', '/v1/connections', plant('a5'));
    expect([again.status, await again.json()]).toMatchObject([201, { instance: 'm2' }]);
  });
});

test('twenty changes at once through three instances are made one after the other, each on top of the one before', async () => {
  await planes.ask('m1', 'POST', '/v1/connections', plant('busy'));
  clusters.owners.delete(keyOf('busy'));
  const statuses = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const instance = instances[index % 3]!;
      const patch = index % 2 === 0 ? { keepaliveSeconds: 100 + index } : { username: `user-${index}` };
      return (await planes.ask(instance, 'PATCH', '/v1/connections/busy', patch)).status;
    }),
  );
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  const all = await Promise.all(instances.map((instance) => json(planes.ask(instance, 'GET', '/v1/connections/busy'))));
  expect(all[0]).toMatchObject({
    keepaliveSeconds: expect.any(Number) as number,
    username: expect.stringMatching(/^user-/) as string,
  });
  expect(Number(all[0]!['keepaliveSeconds'])).toBeGreaterThanOrEqual(100);
});

test('of two changes of the same version one is refused', async () => {
  const etag = (await planes.ask('m1', 'GET', '/v1/connections/busy')).headers.get('etag')!;
  const change = (instance: string, keepaliveSeconds: number): Promise<Response> =>
    planes.ask(instance, 'PATCH', '/v1/connections/busy', { keepaliveSeconds }, { 'if-match': etag });
  const statuses = (await Promise.all([change('m1', 301), change('m2', 302), change('m3', 303)])).map(
    ({ status }) => status,
  );
  expect(statuses.toSorted((one, other) => one - other)).toEqual([200, 412, 412]);
});
