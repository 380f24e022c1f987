/** Devices through REST: tags, attributes, their life, and gateways with devices behind them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiUnderTest } from '../../testing/api-under-test.ts';

const api = new ApiUnderTest(['read', 'write', 'admin', 'ingest']);
beforeAll(() => api.start(), 60_000);
afterAll(() => api.close(), 30_000);

type Json = Readonly<Record<string, unknown>>;

async function answer(response: Response | Promise<Response>): Promise<Json & { readonly status: number }> {
  const { status } = await response;
  const text = await (await response).text();
  return { status, ...(text === '' ? {} : (JSON.parse(text) as Json)) };
}

const create = (deviceUid: string, more: Json = {}): Promise<Json> =>
  answer(api.send('POST', '/v1/devices', { deviceUid, productId: 'pump', ...more }));
const patch = (deviceUid: string, more: Json): Promise<Json> =>
  answer(api.send('PATCH', `/v1/devices/${deviceUid}`, more));
const uids = async (query: string): Promise<unknown[]> =>
  ((await answer(api.get(`/v1/devices?${query}`)))['items'] as Json[]).map(({ deviceUid }) => deviceUid);

async function imported(text: string, type = 'text/csv'): Promise<Json> {
  const response = await fetch(`${api.url}/v1/devices/import?mode=upsert`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.key}`, 'content-type': type },
    body: text,
  });
  const lines = (await response.text()).trimEnd().split('\n');
  return JSON.parse(lines.at(-2) ?? lines.at(-1)!) as Json;
}

test('devices are found by their tags', async () => {
  await create('t1', { tags: ['hall-a', 'größe:xl'] });
  await create('t2', { tags: ['hall-a'] });
  await create('t3');
  expect(await uids('tag=hall-a')).toEqual(['t1', 't2']);
  expect(await uids(`tag=${encodeURIComponent('größe:xl')}`)).toEqual(['t1']);
  expect(await uids('tag=hall')).toEqual([]);
  expect(await answer(api.get('/v1/devices?tag=hall-a', api.otherKey))).toMatchObject({ status: 200, items: [] });
  expect(await patch('t2', { tags: [] })).toMatchObject({ status: 200, tags: [] });
  expect(await uids('tag=hall-a&productId=pump')).toEqual(['t1']);
  for (const tags of [['a', 'a'], ['a b'], [''], ['x'.repeat(65)], Array.from({ length: 33 }, (_, n) => `t${n}`)])
    expect(await patch('t2', { tags }), String(tags)).toMatchObject({ status: 400, code: 'invalid_field' });
});

test('what a device shall be is said by people, what it says of itself also by a key that sends for it', async () => {
  await create('a1', { attributes: { line: '1' }, desired: { interval: '60' }, reported: { firmware: '1.0' } });
  const { key } = (await answer(api.send('POST', '/v1/api-keys', { scopes: ['ingest'] }))) as unknown as {
    key: string;
  };
  const only = { authorization: `Bearer ${key}` };
  const report = (body: Json): Promise<Json> => answer(api.send('PATCH', '/v1/devices/a1/reported', body, only));
  await expect.poll(async () => (await report({})).status, { timeout: 5_000 }).toBe(200);
  expect(await report({ firmware: '1.1', modem: 'x' })).toMatchObject({ reported: { firmware: '1.1', modem: 'x' } });
  expect(await report({ modem: null })).toEqual({ status: 200, reported: { firmware: '1.1' } });
  expect(await report({ firmware: 1 })).toMatchObject({ status: 400 });
  expect(await answer(api.send('PATCH', '/v1/devices/a1', { desired: {} }, only))).toMatchObject({ status: 403 });
  expect(await answer(api.get('/v1/devices/a1'))).toMatchObject({
    attributes: { line: '1' },
    desired: { interval: '60' },
    reported: { firmware: '1.1' },
  });
  expect(await patch('a1', { attributes: { desired: 'x' } })).toMatchObject({
    status: 400,
    errors: [{ field: 'attributes' }],
  });
});

test('a device goes its way from registered to retired, and never back from there', async () => {
  await create('s1', { state: 'registered' });
  const step = async (state: string): Promise<unknown[]> => {
    const { status, code } = await patch('s1', { state });
    return [status, code];
  };
  expect(await step('disabled')).toEqual([409, 'invalid_transition']);
  for (const state of ['active', 'active', 'disabled', 'active', 'disabled', 'retired'])
    expect(await step(state), state).toEqual([200, undefined]);
  for (const state of ['registered', 'active', 'disabled'])
    expect(await step(state), state).toEqual([409, 'invalid_transition']);
  expect(await patch('s1', { name: 'Was a pump' })).toMatchObject({ status: 200, state: 'retired' });
  expect(await create('s1')).toMatchObject({ status: 409, code: 'already_exists' });
  expect(await imported('deviceUid,state\ns1,active\nt3,disabled\n')).toMatchObject({
    changed: 1,
    failed: 1,
    errors: [{ row: 1, field: 'state', code: 'invalid_transition' }],
  });
  const files = {
    tenants: [{ tenant: api.tenant, name: api.tenant, ownTable: true }],
    products: [{ tenant: api.tenant, productId: 'pump', name: 'Pump' }],
    devices: [{ tenant: api.tenant, deviceUid: 's1', productId: 'pump', state: 'active' }],
  };
  expect(await answer(api.send('POST', '/v1/config/apply', files))).toMatchObject({ code: 'invalid_transition' });
});

test('a gateway has devices behind it, and none is behind two', async () => {
  await create('g1');
  await create('g2');
  expect(await create('b1', { gatewayUid: 'g1' })).toMatchObject({ status: 201, gatewayUid: 'g1' });
  expect(await uids('gatewayUid=g1')).toEqual(['b1']);
  expect(await create('b2', { gatewayUid: 'absent' })).toMatchObject({ status: 422, code: 'unknown_reference' });
  for (const [uid, gatewayUid] of [
    ['b2', 'b1'],
    ['b2', 'b2'],
  ])
    expect(await create(uid!, { gatewayUid }), gatewayUid).toMatchObject({
      code: expect.stringMatching(/invalid_field|unknown/),
    });
  expect(await patch('g1', { gatewayUid: 'g2' })).toMatchObject({ status: 400, errors: [{ code: 'nested' }] });
  expect(await patch('g1', { gatewayUid: 'g1' })).toMatchObject({ status: 400, errors: [{ code: 'nested' }] });
  expect(await answer(api.send('DELETE', '/v1/devices/g1', undefined))).toMatchObject({ status: 409, code: 'in_use' });
  expect(await patch('b1', { gatewayUid: null })).toMatchObject({ status: 200, gatewayUid: null });
  expect((await api.send('DELETE', '/v1/devices/g1', undefined)).status).toBe(204);
});

test('two changes at once do not put a device behind one that is behind another', async () => {
  for (let round = 0; round < 5; round += 1) {
    await Promise.all(['x', 'y', 'z'].map((name) => create(`${name}${round}`)));
    const both = await Promise.all([
      patch(`x${round}`, { gatewayUid: `y${round}` }),
      patch(`y${round}`, { gatewayUid: `z${round}` }),
    ]);
    expect(
      both.filter(({ status }) => status === 200),
      JSON.stringify(both),
    ).toHaveLength(1);
  }
});

test('a file brings gateways with their devices, in any order, and its wrong rows are named', async () => {
  const rows = [
    'deviceUid,productId,gatewayUid,tags,desired.interval,reported.firmware',
    'm1,pump,m2,hall-b  new,60,1.0',
    'm2,pump,,,,',
    'm3,pump,m1,,,',
    'm4,pump,m5,,,',
    'm5,absent,,,,',
  ];
  const told = await imported(rows.join('\n'));
  expect(told).toMatchObject({ created: 2, failed: 3 });
  expect((told['errors'] as Json[]).map(({ row, field, code }) => [row, field, code])).toEqual([
    [3, 'gatewayUid', 'nested'],
    [4, 'gatewayUid', 'unknown_reference'],
    [5, 'productId', 'unknown_reference'],
  ]);
  expect(await answer(api.get('/v1/devices/m1'))).toMatchObject({
    gatewayUid: 'm2',
    tags: ['hall-b', 'new'],
    desired: { interval: '60' },
    reported: { firmware: '1.0' },
  });
});

test('signals of a product have a type and a range that fit together', async () => {
  const product = (signal: Json): Promise<Json> =>
    answer(api.send('PATCH', '/v1/products/pump', { signals: [{ name: 'p', unit: 'bar', ...signal }] }));
  expect(await product({ min: 0, max: 16 })).toMatchObject({
    status: 200,
    signals: [{ name: 'p', unit: 'bar', description: '', type: 'double', min: 0, max: 16 }],
  });
  expect(await product({ min: 16, max: 0 })).toMatchObject({ status: 400, errors: [{ field: 'signals.0.min' }] });
  expect(await product({ type: 'text', max: 1 })).toMatchObject({ status: 400, errors: [{ field: 'signals.0.type' }] });
  expect(await product({ type: 'number' })).toMatchObject({ status: 400 });
});
