/** Promise: a script is live only when its samples pass, whichever way it comes, or with a reason that stays with its version. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiUnderTest } from '../../testing/api-under-test.ts';

const api = new ApiUnderTest(['read', 'write', 'admin']);
beforeAll(() => api.start(), 60_000);
afterAll(() => api.close(), 30_000);

type Json = Readonly<Record<string, unknown>>;

async function answer(method: string, path: string, body?: Json): Promise<Json> {
  const response = await api.send(method, path, body);
  return { status: response.status, ...((await response.json()) as Json) };
}

const times = (factor: number): string =>
  `const decodeUplink = ({ bytes }) => ({ data: { t: bytes[0] * ${factor} } });`;
const samples = [{ name: 'two', payload: '02', expected: [{ name: 't', value: 4 }] }];
const refusal = {
  status: 422,
  code: 'samples_failed',
  errors: [{ field: 'samples.0', code: 'different', detail: 'two: t is 6, expected 4.' }],
};
const versions = async (id: string): Promise<unknown> =>
  ((await answer('GET', `/v1/scripts/${id}/versions`))['items'] as readonly Json[]).map(({ version, override }) => [
    version,
    override,
  ]);

test('what is created, changed or restored has to pass; a reason lets it through and stays with the version', async () => {
  const bad = { scriptId: 'pump', source: times(3), samples };
  expect(await answer('POST', '/v1/scripts', bad)).toMatchObject(refusal);
  expect((await answer('GET', '/v1/scripts/pump'))['status']).toBe(404);
  expect(await answer('POST', '/v1/scripts?override=for%20a%20test', bad)).toMatchObject({ status: 201, version: 1 });
  expect(await answer('PATCH', '/v1/scripts/pump', { source: times(2) })).toMatchObject({ status: 200, version: 2 });
  expect(await answer('PATCH', '/v1/scripts/pump', { source: times(3) })).toMatchObject(refusal);
  expect(await answer('POST', '/v1/scripts/pump/versions/1/restore')).toMatchObject(refusal);
  expect(await answer('POST', '/v1/scripts/pump/versions/1/restore?override=again')).toMatchObject({ version: 3 });
  expect(await answer('POST', '/v1/scripts/pump/versions/2/restore?override=unused')).toMatchObject({ version: 4 });
  expect(await versions('pump')).toEqual([
    [4, null],
    [3, 'again'],
    [2, null],
    [1, 'for a test'],
  ]);
  expect(await answer('GET', '/v1/scripts/pump/versions/3')).toMatchObject({ override: 'again' });
});

test('samples that the script fails are refused with it, and so is what does not load', async () => {
  expect(await answer('POST', '/v1/scripts', { scriptId: 'valve', source: times(3) })).toMatchObject({ status: 201 });
  expect(await answer('PATCH', '/v1/scripts/valve', { samples })).toMatchObject(refusal);
  expect(await answer('PATCH', '/v1/scripts/valve', { source: 'let a;\n}' })).toMatchObject({
    status: 422,
    errors: [{ field: 'source', code: 'script_invalid', detail: "Line 2: Unexpected token '}'" }],
  });
  expect(await versions('valve')).toEqual([[1, null]]);
});

test('files are held to it too, also when they are only looked at', async () => {
  const { tenant } = api;
  const files = {
    tenants: [{ tenant, name: tenant, ownTable: true }],
    scripts: [{ tenant, scriptId: 'filed', source: times(3), samples }],
  };
  const errors = [{ field: 'scripts.filed.samples.0', detail: 'two: t is 6, expected 4.' }];
  const whole = { ...files, scripts: [...files.scripts, { tenant, scriptId: 'right', source: times(2), samples }] };
  for (const query of ['', '?dryRun=true'])
    expect(await answer('POST', `/v1/config/apply${query}`, whole), query).toMatchObject({ ...refusal, errors });
  expect((await answer('GET', '/v1/scripts/right'))['status']).toBe(404);
  expect(await answer('POST', '/v1/config/apply?override=known', files)).toMatchObject({
    status: 200,
    changes: [{ id: 'filed', change: 'created' }],
  });
  expect(await versions('filed')).toEqual([[1, 'known']]);
  expect(await answer('POST', '/v1/config/apply', files)).toMatchObject({ status: 200, changes: [] });
});

test('a language that there is not, a reason that is empty, and one for something else are refused', async () => {
  const body = { scriptId: 'x', source: times(2) };
  expect(await answer('POST', '/v1/scripts?override=x', { ...body, language: 'cobol' })).toMatchObject({
    status: 400,
    errors: [{ field: 'language' }],
  });
  expect(await answer('POST', '/v1/scripts?override=', body)).toMatchObject({ status: 400, code: 'invalid_field' });
  const device = { deviceUid: 'd7', productId: 'pump' };
  expect(await answer('POST', '/v1/devices?override=x', device)).toMatchObject({ status: 400, code: 'invalid_field' });
});
