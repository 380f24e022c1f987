/** Versions of scripts through REST: every text that a script had, for ever. */
import { createHash } from 'node:crypto';
import { Database, ScriptVersions } from '@millrace/control';
import { testAddresses } from '@millrace/testkit';
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

/** A script that decodes everything into this. */
const text = (what: string): string => `const decodeUplink = () => ({ data: { what: '${what}' } });`;
const put = (scriptId: string, body: Json, query = ''): Promise<Json> =>
  answer(api.send('PATCH', `/v1/scripts/${scriptId}${query}`, body));
const created = (scriptId: string, source: string, more: Json = {}): Promise<Json> =>
  answer(api.send('POST', '/v1/scripts', { scriptId, source, ...more }));
const versionsOf = async (scriptId: string, query = ''): Promise<Json & { readonly items: readonly Json[] }> =>
  (await answer(api.get(`/v1/scripts/${scriptId}/versions${query}`))) as never;

test('each text is a version that can be read for ever; what is not different is none', async () => {
  await created('kept', text('one'));
  await put('kept', { source: text('two') });
  await put('kept', { source: text('two') });
  await put('kept', { language: 'lua' }, '?override=no%20Lua');
  await put('kept', { version: 9 });
  const { items, next } = await versionsOf('kept');
  expect(items.map(({ version, language }) => [version, language])).toEqual([
    [9, 'lua'],
    [3, 'lua'],
    [2, 'javascript'],
    [1, 'javascript'],
  ]);
  expect(next).toBeNull();
  expect(items[3]).not.toHaveProperty('source');
  expect(await answer(api.get('/v1/scripts/kept/versions/1'))).toMatchObject({
    status: 200,
    scriptId: 'kept',
    version: 1,
    source: text('one'),
    hash: createHash('sha256').update(text('one')).digest('hex'),
    override: null,
    createdAt: expect.stringMatching(/^\d{4}-/),
  });
  const page = await versionsOf('kept', '?limit=2');
  expect([page.items.length, page['next']]).toEqual([2, '3']);
  expect((await versionsOf('kept', `?limit=2&cursor=${String(page['next'])}`)).items).toEqual(items.slice(2));
  for (const path of ['kept/versions/4', 'absent/versions', 'absent/versions/1'])
    expect(await answer(api.get(`/v1/scripts/${path}`)), path).toMatchObject({ status: 404, code: 'not_found' });
  for (const number of ['0', 'x', '2147483648'])
    expect((await answer(api.get(`/v1/scripts/kept/versions/${number}`))).status, number).toBe(400);
});

test('going back to a text is a new version of it', async () => {
  await created('back', text('first'));
  await put('back', { source: text('second') });
  const restored = await api.send('POST', '/v1/scripts/back/versions/1/restore', undefined);
  expect([restored.status, restored.headers.get('millrace-position')]).toEqual([200, expect.stringMatching(/^\d+$/)]);
  expect(await restored.json()).toMatchObject({ version: 3, source: text('first') });
  expect(await answer(api.send('POST', '/v1/scripts/back/versions/1/restore', undefined))).toMatchObject({
    status: 200,
    version: 3,
  });
  expect((await versionsOf('back')).items).toHaveLength(3);
  const stale = await answer(api.send('POST', '/v1/scripts/back/versions/2/restore', undefined, { 'if-match': '"1"' }));
  expect(stale).toMatchObject({ status: 412, code: 'precondition_failed' });
  expect((await answer(api.send('POST', '/v1/scripts/back/versions/7/restore', undefined))).status).toBe(404);
});

test('a script that was deleted keeps its versions, and counts on when it comes again', async () => {
  await created('again', text('one'));
  await put('again', { source: text('two') });
  await api.send('DELETE', '/v1/scripts/again', undefined);
  expect((await versionsOf('again')).items).toHaveLength(2);
  expect(await created('again', text('one'))).toMatchObject({ status: 201, version: 3 });
  await api.send('DELETE', '/v1/scripts/again', undefined);
  const files = { tenants: [{ tenant: api.tenant, name: api.tenant, ownTable: true }] };
  const script = { tenant: api.tenant, scriptId: 'again', source: text('four') };
  expect(await answer(api.send('POST', '/v1/config/apply', { ...files, scripts: [script] }))).toMatchObject({
    changes: [{ entity: 'scripts', id: 'again', change: 'created' }],
  });
  expect((await versionsOf('again')).items.map(({ version }) => version)).toEqual([4, 3, 2, 1]);
});

test('of texts that come at once each gets a version', async () => {
  await created('many', text('start'));
  const sent = Array.from({ length: 8 }, (_, n) => put('many', { source: text(String(n)) }));
  const versions = (await Promise.all(sent)).map(({ version }) => version as number);
  expect(versions.toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a script has a thousand versions at most, and says so', async () => {
  await created('full', text('one'));
  const database = new Database(testAddresses.postgres, () => undefined);
  await database.ofTenant(api.tenant, (transaction) =>
    new ScriptVersions(transaction, api.tenant).add(
      Array.from({ length: 999 }, (_, n) => ({ scriptId: 'full', version: n + 2, language: 'lua', source: '' })),
    ),
  );
  await database.close();
  expect(await put('full', { source: text('more') })).toMatchObject({
    status: 409,
    code: 'too_many_versions',
    detail: expect.stringContaining('Script full has 1000 versions'),
  });
  expect(await put('full', { samples: [] })).toMatchObject({ status: 200, version: 1 });
});

test('samples are kept with the script: shown, patched, exported, and no version of it', async () => {
  const sample = {
    name: 'cold',
    payload: 'aGVsbG8=',
    encoding: 'base64',
    contentType: 'text/plain',
    attributes: { fPort: '2' },
    variables: { offset: '1' },
    time: '2026-03-01T12:00:00Z',
    expected: [{ name: 't', value: -1.5, time: null }],
  };
  const decoding = (name: string): string =>
    `const decodeUplink = ({ variables }) => (variables.offset ? { data: { t: -1.5 } } : { errors: ['${name}'] });`;
  expect(await created('sampled', decoding('one'), { samples: [sample] })).toMatchObject({
    version: 1,
    samples: [sample],
  });
  const refused = { ...sample, name: 'short', variables: {}, expected: null };
  expect(await put('sampled', { samples: [sample, refused] })).toMatchObject({
    status: 200,
    version: 1,
    samples: [sample, refused],
  });
  expect(await put('sampled', { source: decoding('two') })).toMatchObject({ version: 2, samples: [sample, refused] });
  const document = (await (await api.get('/v1/config/export')).json()) as { scripts: readonly Json[] };
  expect(document.scripts.find(({ scriptId }) => scriptId === 'sampled')).toMatchObject({ samples: [sample, refused] });
  const platform = { authorization: `Bearer ${api.adminKey}` };
  expect(await answer(api.send('POST', '/v1/config/apply?dryRun=true', document, platform))).toMatchObject({
    changes: [],
  });
  expect(await put('sampled', { samples: [{ ...sample, payload: 'x' }] })).toMatchObject({
    status: 400,
    errors: [{ field: 'samples.0.payload' }],
  });
});
