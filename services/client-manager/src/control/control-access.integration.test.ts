/** Lists, keys and instances that are gone, on three control sides in one process, against a real Kafka and a real Redis. */
import { principalHeader, PrincipalSigner, SecretKey } from '@millrace/auth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, ControlPlanes, instances, json } from './testing/control-plane.ts';
import { plant } from './testing/plant.ts';

const planes = new ControlPlanes();
const { tenant, clusters } = planes;
const keyOf = (id: string): string => `${tenant}/${id}`;

beforeAll(async () => {
  await planes.start();
  for (const id of ['a1', 'a2']) await planes.ask('m1', 'POST', '/v1/connections', plant(id));
}, 60_000);
afterAll(() => planes.close(), 30_000);

describe('a list', () => {
  test('has pages, filters and how each is doing, as its owner says', async () => {
    for (const id of ['l1', 'l2', 'l3']) await planes.ask('m1', 'PUT', `/v1/connections/${id}`, plant(id));
    for (const [index, id] of ['l1', 'l2', 'l3'].entries()) clusters.owners.set(keyOf(id), instances[index]!);
    const report = { tenant, connectionId: 'l2', kind: 'mqtt', url: '', clientId: '', state: 'connected' as const };
    const counts = { received: 7, acknowledged: 6, unacknowledged: 1, receivedPerSecond: 2, acknowledgedPerSecond: 2 };
    planes.reports.set('m2', [{ ...report, since: '2026-01-01T00:00:00.000Z', epoch: 42, lastError: null, ...counts }]);
    const connected = await json(planes.ask('m1', 'GET', '/v1/connections?state=connected'));
    expect(connected).toMatchObject({
      items: [{ connectionId: 'l2', epoch: 42, instance: 'm2', received: 7 }],
      next: null,
    });
    expect(await json(planes.ask('m1', 'GET', '/v1/connections?instance=m3'))).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ connectionId: 'l3', state: 'opening' })]) as unknown,
    });
    const ids: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const query = next === '' ? '' : `&cursor=${next}`;
      const page = await json(planes.ask('m3', 'GET', `/v1/connections?limit=2${query}`));
      ids.push(...(page['items'] as readonly { readonly connectionId: string }[]).map((one) => one.connectionId));
      next = page['next'] as string | null;
    }
    expect(ids).toEqual(['a1', 'a2', 'l1', 'l2', 'l3']);
    expect((await planes.ask('m1', 'GET', '/v1/connections?cursor=wrong')).status).toBe(400);
  });

  test('of all tenants is for the platform', async () => {
    expect((await planes.ask('m1', 'GET', '/v1/connections?all=true')).status).toBe(403);
    const headers = { authorization: `Bearer ${planes.platformKey}` };
    const all = await json(planes.ask('m1', 'GET', '/v1/connections?all=true&limit=1000', undefined, headers));
    expect((all['items'] as readonly Answer[]).some((one) => one['tenant'] === tenant)).toBe(true);
  });
});

describe('who may', () => {
  const as = (key: string, more: object = {}): Readonly<Record<string, string>> => ({
    authorization: `Bearer ${key}`,
    ...more,
  });

  test('a key reads and writes what its scopes say, in its own tenant', async () => {
    expect((await planes.ask('m1', 'GET', '/v1/connections/a1', undefined, as(planes.readingKey))).status).toBe(200);
    expect((await planes.ask('m1', 'DELETE', '/v1/connections/a1', undefined, as(planes.readingKey))).status).toBe(403);
    expect((await planes.ask('m1', 'GET', '/v1/connections/a1', undefined, as(planes.otherKey))).status).toBe(404);
    expect((await planes.ask('m2', 'DELETE', '/v1/connections/a1', undefined, as(planes.otherKey))).status).toBe(404);
    expect(
      (await planes.ask('m1', 'GET', '/v1/connections/a1', undefined, as('k.wrong-wrong-wrong-wrong'))).status,
    ).toBe(401);
    const named = as(planes.platformKey, { 'millrace-tenant': tenant });
    expect((await planes.ask('m1', 'GET', '/v1/connections/a1', undefined, named)).status).toBe(200);
    const foreign = as(planes.otherKey, { 'millrace-tenant': tenant });
    expect((await planes.ask('m1', 'GET', '/v1/connections/a1', undefined, foreign)).status).toBe(403);
  });

  test('instances and what they ask each other are for the platform', async () => {
    expect((await planes.ask('m1', 'GET', '/v1/instances')).status).toBe(403);
    expect((await planes.ask('m1', 'POST', '/v1/instance-reports', { connections: [] })).status).toBe(403);
    const headers = as(planes.platformKey);
    const { items } = (await json(planes.ask('m1', 'GET', '/v1/instances', undefined, headers))) as { items: Answer[] };
    expect(items.map((one) => [one['instance'], one['state'], one['version']])).toEqual(
      instances.map((instance) => [instance, 'active', '0.0.0']),
    );
    expect((await planes.ask('m1', 'POST', '/v1/instances/m2/drain', undefined, headers)).status).toBe(204);
    expect(clusters.members.get('m2')?.state).toBe('draining');
    expect((await planes.ask('m1', 'DELETE', '/v1/instances/m2/drain', undefined, headers)).status).toBe(204);
    expect(clusters.members.get('m2')?.state).toBe('active');
    expect((await planes.ask('m1', 'POST', '/v1/instances/m9/drain', undefined, headers)).status).toBe(404);
  });

  test('a signed principal opens the one request that it was made for, once', async () => {
    const signer = new PrincipalSigner(SecretKey.fromEnvironment(planes.secretKey));
    const principal = { tenant, keyId: 'k', scopes: ['read'], by: 'api', to: null };
    const path = '/v1/connections/a1';
    const signed = (): string => signer.sign(principal, { method: 'GET', path, body: undefined }, Date.now());
    const ask = (header: string, asked = path, method = 'GET'): Promise<number> =>
      fetch(planes.urlOf('m1') + asked, { method, headers: { [principalHeader]: header } }).then(
        ({ status }) => status,
      );
    const one = signed();
    expect(await ask(one)).toBe(200);
    expect(await ask(one)).toBe(401);
    expect(await ask(signed(), '/v1/connections/a2')).toBe(401);
    expect(await ask(signed(), path, 'DELETE')).toBe(401);
    const meant = signer.sign({ ...principal, to: 'm2' }, { method: 'GET', path, body: undefined }, Date.now());
    expect(await ask(meant)).toBe(401);
    const stranger = new PrincipalSigner(SecretKey.fromEnvironment('0'.repeat(64)));
    expect(await ask(stranger.sign(principal, { method: 'GET', path, body: undefined }, Date.now()))).toBe(401);
    expect(await ask('')).toBe(401);
  });
});

test('when the least loaded instance is gone, the next one creates; when an owner is gone, changes are made here', async () => {
  clusters.members.set('gone', { url: 'http://127.0.0.1:2', state: 'active', capacity: 100 });
  const created = await planes.ask('m1', 'POST', '/v1/connections', plant('g1'));
  expect(created.status).toBe(201);
  clusters.owners.set(keyOf('g1'), 'gone');
  expect(await json(planes.ask('m2', 'GET', '/v1/connections/g1'))).toMatchObject({
    state: 'unknown',
    instance: 'gone',
  });
  expect((await planes.ask('m2', 'PATCH', '/v1/connections/g1', { enabled: false })).status).toBe(200);
  clusters.members.delete('gone');
  clusters.owners.delete(keyOf('g1'));
});

test('what the folder says is its own: the API changes none of it, and the folder none of what the API wrote', async () => {
  const folder = (id: string): object => ({ tenant, ...plant(id, { password: null }) });
  await planes.publishFolder([folder('f1'), folder('a1')]);
  const shown = await json(planes.ask('m1', 'GET', '/v1/connections/f1'));
  expect(shown).toMatchObject({ origin: 'folder' });
  for (const [method, body] of [['DELETE'], ['PATCH', { enabled: false }], ['PUT', plant('f1')]] as const) {
    const problem = await json(planes.ask('m2', method, '/v1/connections/f1', body));
    expect(problem).toMatchObject({ code: 'in_use', detail: expect.stringContaining('connections.json') as string });
  }
  expect(await json(planes.ask('m1', 'GET', '/v1/connections/a1'))).toMatchObject({ origin: 'api', hasPassword: true });
  await planes.publishFolder([]);
  expect((await planes.ask('m3', 'GET', '/v1/connections/f1')).status).toBe(404);
  expect((await planes.ask('m3', 'GET', '/v1/connections/a1')).status).toBe(200);
});

test('connections that are created at once have their own versions', async () => {
  const ids = Array.from({ length: 12 }, (_, index) => `many-${index}`);
  const etags = await Promise.all(
    ids.map(async (id) => (await planes.ask('m1', 'POST', '/v1/connections', plant(id))).headers.get('etag')),
  );
  expect(new Set(etags).size).toBe(ids.length);
  for (const [index, id] of ids.entries())
    expect((await planes.ask('m2', 'GET', `/v1/connections/${id}`)).headers.get('etag')).toBe(etags[index]);
});
