/** The tree of assets through REST, held against a simple model of one. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiUnderTest } from '../../testing/api-under-test.ts';

const api = new ApiUnderTest(['read', 'write', 'admin']);
beforeAll(() => api.start(), 60_000);
afterAll(() => api.close(), 30_000);

type Json = Readonly<Record<string, unknown>>;

async function answer(response: Response | Promise<Response>): Promise<Json & { readonly status: number }> {
  const { status } = await response;
  const text = await (await response).text();
  return { status, ...(text === '' ? {} : (JSON.parse(text) as Json)) };
}

const create = (assetId: string, parentId: string | null = null, more: Json = {}): Promise<Json> =>
  answer(api.send('POST', '/v1/assets', { assetId, parentId, ...more }));
const move = (assetId: string, parentId: string | null): Promise<Json> =>
  answer(api.send('PATCH', `/v1/assets/${assetId}`, { parentId }));
const remove = (assetId: string): Promise<Json> => answer(api.send('DELETE', `/v1/assets/${assetId}`, undefined));
const idsIn = async (path: string): Promise<unknown[]> =>
  ((await answer(api.get(path)))['items'] as Json[]).map(({ assetId, deviceUid }) => assetId ?? deviceUid);

/** What a forest is. Outcomes are the codes of the api's errors; undefined: done. */
class Forest {
  readonly parents = new Map<string, string | null>();

  create(id: string, parent: string | null): string | undefined {
    if (parent !== null && !this.parents.has(parent)) return 'unknown_reference';
    if (this.parents.has(id)) return 'already_exists';
    this.parents.set(id, parent);
    return undefined;
  }

  move(id: string, parent: string | null): string | undefined {
    if (!this.parents.has(id)) return 'not_found';
    if (parent !== null && !this.parents.has(parent)) return 'unknown_reference';
    if (parent !== null && this.above(parent).includes(id)) return 'invalid_field';
    this.parents.set(id, parent);
    return undefined;
  }

  remove(id: string): string | undefined {
    if (!this.parents.has(id)) return 'not_found';
    if (this.partsOf(id).length > 0) return 'in_use';
    this.parents.delete(id);
    return undefined;
  }

  partsOf(id: string | null): string[] {
    return [...this.parents].flatMap(([part, parent]) => (parent === id ? [part] : [])).toSorted();
  }

  above(id: string): string[] {
    const parent = this.parents.get(id) ?? null;
    return parent === null ? [id] : [...this.above(parent), id];
  }

  below(id: string): string[] {
    return [id, ...this.partsOf(id).flatMap((part) => this.below(part))];
  }
}

const id = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const parent = fc.option(id);
const step = fc.oneof(
  fc.record({ do: fc.constant('create' as const), id, parent }),
  fc.record({ do: fc.constant('move' as const), id, parent }),
  fc.record({ do: fc.constant('remove' as const), id }),
);

test('whatever is created, moved and deleted, the assets are the forest that they should be', async () => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
    const forest = new Forest();
    for (const one of steps) {
      const wanted = one.do === 'remove' ? forest.remove(one.id) : forest[one.do](one.id, one.parent);
      const { code } = await (one.do === 'remove' ? remove(one.id) : { create, move }[one.do](one.id, one.parent));
      expect(code, JSON.stringify(one)).toBe(wanted);
    }
    expect(await idsIn('/v1/assets')).toEqual([...forest.parents.keys()].toSorted());
    for (const asset of forest.parents.keys()) {
      expect(await idsIn(`/v1/assets?parentId=${asset}`)).toEqual(forest.partsOf(asset));
      expect(await idsIn(`/v1/assets/${asset}/path`)).toEqual(forest.above(asset));
      expect(await idsIn(`/v1/assets/${asset}/tree`)).toEqual(forest.below(asset));
    }
    for (const top of forest.partsOf(null)) for (const asset of forest.below(top).toReversed()) await remove(asset);
  });
  await fc.assert(property, { numRuns: 20 });
}, 60_000);

test('two moves at once do not make a circle together', async () => {
  for (let round = 0; round < 10; round += 1) {
    const [one, other] = [`one-${round}`, `other-${round}`];
    await Promise.all([create(one), create(other)]);
    const both = await Promise.all([move(one, other), move(other, one)]);
    expect(
      both.filter(({ status }) => status === 200),
      JSON.stringify(both),
    ).toHaveLength(1);
    expect(both.find(({ status }) => status !== 200)).toMatchObject({
      code: 'invalid_field',
      errors: [{ field: 'parentId', code: 'cycle' }],
    });
  }
});

test('a tree has sixteen levels at most, however it is put together', async () => {
  const chain = Array.from({ length: 17 }, (_, n) => `l${n}`);
  for (const [n, asset] of chain.slice(0, 16).entries())
    expect((await create(asset, chain[n - 1] ?? null))['status']).toBe(201);
  const deep = { status: 400, code: 'invalid_field', errors: [{ field: 'parentId', code: 'too_deep' }] };
  expect(await create('l16', 'l15')).toMatchObject(deep);
  await create('top');
  expect(await move('l0', 'top')).toMatchObject(deep);
  expect(await move('l1', 'top')).toMatchObject({ status: 200 });
  expect(await idsIn('/v1/assets/l15/path')).toEqual(['top', ...chain.slice(1, 16)]);
});

test('a tree comes in pages, parents first', async () => {
  await create('plant', null, { name: 'Plant', kind: 'factory', attributes: { city: 'Turku' } });
  for (const line of ['line-a', 'line-b']) {
    await create(line, 'plant', { kind: 'line' });
    for (const n of [1, 2, 3]) await create(`${line}-m${n}`, line, { kind: 'machine' });
  }
  const seen: Json[] = [];
  for (let next: string | null = ''; next !== null;) {
    const cursor: string = next === '' ? '' : `&cursor=${next}`;
    const page = await answer(api.get(`/v1/assets/plant/tree?limit=2${cursor}`));
    seen.push(...(page['items'] as Json[]));
    next = page['next'] as string | null;
  }
  expect(seen.map(({ assetId, level }) => `${String(level)} ${String(assetId)}`)).toEqual([
    '1 plant',
    '2 line-a',
    '3 line-a-m1',
    '3 line-a-m2',
    '3 line-a-m3',
    '2 line-b',
    '3 line-b-m1',
    '3 line-b-m2',
    '3 line-b-m3',
  ]);
  expect(seen[0]).toMatchObject({ name: 'Plant', kind: 'factory', attributes: { city: 'Turku' }, parentId: null });
  expect(await idsIn('/v1/assets?kind=line')).toEqual(['line-a', 'line-b']);
  for (const path of ['absent/tree', 'absent/path'])
    expect(await answer(api.get(`/v1/assets/${path}`)), path).toMatchObject({ status: 404, code: 'not_found' });
  for (const cursor of ['x', Buffer.from('[1]').toString('base64url'), Buffer.from('["A"]').toString('base64url')])
    expect(await answer(api.get(`/v1/assets/plant/tree?cursor=${cursor}`)), cursor).toMatchObject({
      status: 400,
      errors: [{ field: 'cursor' }],
    });
});

test('devices are at assets, and found by these and by those above them', async () => {
  await create('site');
  await create('hall', 'site');
  await create('rack', 'hall');
  await create('yard', 'site');
  const device = (deviceUid: string, assetIds: readonly string[]): Promise<Json> =>
    answer(api.send('POST', '/v1/devices', { deviceUid, productId: 'pump', assetIds }));
  expect(await device('w1', ['rack'])).toMatchObject({ status: 201, assetIds: ['rack'] });
  await device('w2', ['hall', 'yard']);
  await device('w3', []);
  const at = (asset: string): Promise<unknown[]> => idsIn(`/v1/devices?assetId=${asset}`);
  expect(await at('rack')).toEqual(['w1']);
  expect(await at('hall')).toEqual(['w1', 'w2']);
  expect(await at('site')).toEqual(['w1', 'w2']);
  expect(await at('absent')).toEqual([]);
  expect(await device('w4', ['yard', 'absent'])).toMatchObject({
    status: 422,
    errors: [{ field: 'assetIds[1]', code: 'unknown_reference' }],
  });
  expect(await device('w4', ['yard', 'yard'])).toMatchObject({ status: 400 });
  expect(await remove('rack')).toMatchObject({ status: 409, code: 'in_use' });
  expect(await remove('hall')).toMatchObject({ status: 409, code: 'in_use' });
  expect(await answer(api.send('PATCH', '/v1/devices/w1', { assetIds: [] }))).toMatchObject({ status: 200 });
  expect((await remove('rack'))['status']).toBe(204);
  expect(await at('site')).toEqual(['w2']);
});

test('a tree is applied from files in any order; a circle in them is refused', async () => {
  const { tenant } = api;
  const files = (assets: readonly Json[]): Json => ({
    tenants: [{ tenant, name: tenant, ownTable: true }],
    assets: assets.map((one) => ({ tenant, ...one })),
  });
  const tree = [{ assetId: 'z-part', parentId: 'z-top' }, { assetId: 'z-top' }];
  expect(await answer(api.send('POST', '/v1/config/apply', files(tree)))).toMatchObject({ status: 200 });
  expect(await idsIn('/v1/assets/z-top/tree')).toEqual(['z-top', 'z-part']);
  const circle = [tree[0]!, { assetId: 'z-top', parentId: 'z-part' }];
  expect(await answer(api.send('POST', '/v1/config/apply', files(circle)))).toMatchObject({
    status: 400,
    errors: [{ code: 'cycle' }],
  });
  expect(await idsIn('/v1/assets/z-top/path')).toEqual(['z-top']);
  const document = (await (await api.get('/v1/config/export')).json()) as { assets: readonly Json[] };
  expect(document.assets).toEqual(
    expect.arrayContaining([{ tenant, assetId: 'z-part', parentId: 'z-top', name: '', kind: '', attributes: {} }]),
  );
});
