/** Devices from files through the real api, on a real PostgreSQL. */
import { once } from 'node:events';
import { request } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { ApiUnderTest } from '../../testing/api-under-test.ts';
import type { ImportLine } from './import-answers.ts';

const api = new ApiUnderTest(['read', 'write', 'admin']);
const own = ['d1', 'd2', 'd3'];
beforeAll(() => api.start(), 60_000);
afterEach(() => api.applyDevices(own));
afterAll(() => api.close(), 30_000);

/** Two chunks. */
const many = 2_000;
const csv = 'text/csv';
const ndjson = 'application/x-ndjson';

async function imported(type: string, body: string | Buffer, query = ''): Promise<readonly ImportLine[]> {
  const response = await sent(type, body, query);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  expect(response.headers.get('content-type')).toContain(ndjson);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ImportLine);
}

function sent(type: string, body: string | Buffer, query = ''): Promise<Response> {
  return fetch(`${api.url}/v1/devices/import${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.key}`, 'content-type': type },
    body: new Uint8Array(Buffer.from(body)),
  });
}

async function found(path: string): Promise<unknown> {
  return (await api.get(path)).json();
}

const problemOf = async (response: Promise<Response>): Promise<unknown> => (await response).json();

function table(count: number, name = 'x', from = 0): string {
  const rows = Array.from({ length: count }, (_, n) => `bulk-${n + from},pump,${name},hall ${n}`);
  return ['deviceUid,productId,name,attributes.place', ...rows].join('\r\n');
}

async function countOf(search: string): Promise<number> {
  let count = 0;
  for (let cursor = ''; ;) {
    const page = (await found(`/v1/devices?limit=1000&search=${search}${cursor}`)) as {
      items: unknown[];
      next: string | null;
    };
    count += page.items.length;
    if (page.next === null) return count;
    cursor = `&cursor=${page.next}`;
  }
}

test('a table of devices is written in chunks, each told when it is done; the same table again changes nothing', async () => {
  const lines = await imported(csv, table(many));
  expect(lines).toMatchObject([
    { rows: 1_000, created: 1_000, done: false },
    { rows: many, created: many, done: false },
    { rows: many, created: many, changed: 0, unchanged: 0, failed: 0, errors: [], done: true },
  ]);
  expect(lines.at(-1)!.position).toMatch(/^\d+$/);
  expect(await countOf('bulk')).toBe(many);
  expect(await found('/v1/devices/bulk-7')).toMatchObject({ name: 'x', attributes: { place: 'hall 7' }, passwords: 0 });

  const again = await imported(csv, table(many), '?mode=upsert');
  expect(again.at(-1)).toMatchObject({ created: 0, changed: 0, unchanged: many, position: null, done: true });
  const other = await imported(csv, table(3, 'y'), '?mode=upsert');
  expect(other.at(-1)).toMatchObject({ changed: 3, unchanged: 0 });
});

test('wrong rows are named and left out, the others are written', async () => {
  const devices: unknown[] = [
    { deviceUid: 'w1', productId: 'pump', identificationCode: 'c1' },
    { deviceUid: 'w 2', productId: 'pump', colour: 'red' },
    { deviceUid: 'w3', productId: 'absent' },
    { deviceUid: 'd1', productId: 'pump' },
    { deviceUid: 'w1', productId: 'pump' },
    { deviceUid: 'w6', productId: 'pump', identificationCode: 'c1' },
    'w7',
    { deviceUid: 'w8', productId: 'pump', passwords: ['short'] },
    { deviceUid: 'w9', productId: 'pump', tenant: 'north' },
    { deviceUid: 'w10', productId: 'pump' },
  ];
  const file = `${devices.map((device) => JSON.stringify(device)).join('\n')}\n{"deviceUid": `;
  const [chunk, end] = await imported(ndjson, file);
  expect(chunk!.errors.map(({ row, field, code }) => `${row} ${field} ${code}`)).toEqual([
    '2 deviceUid invalid_format',
    '2  unrecognized_keys',
    '3 productId unknown_reference',
    '4 deviceUid already_exists',
    '5 deviceUid duplicate',
    '6 identificationCode duplicate',
    '7  invalid_type',
    '8 passwords.0 too_small',
    '9 tenant unrecognized_keys',
    '11  malformed_json',
  ]);
  expect(end).toMatchObject({ rows: 11, created: 2, failed: 9, errors: [], done: true });
  expect(await countOf('w1')).toBe(2);
});

test('a code that another device has costs its row alone', async () => {
  await imported(ndjson, '{"deviceUid":"a","productId":"pump","identificationCode":"taken"}');
  const file = 'deviceUid,productId,identificationCode\nb,pump,taken\nc,pump,free\n';
  const [chunk] = await imported(csv, file);
  expect(chunk).toMatchObject({ created: 1, failed: 1, errors: [{ row: 1, code: 'already_exists' }] });
});

test('only the first errors of a chunk are shown, the others are counted', async () => {
  const [chunk] = await imported(csv, table(200).replaceAll(',pump,', ',absent,'));
  expect([chunk!.errors.length, chunk!.errorsLeftOut, chunk!.failed]).toEqual([50, 150, 200]);
});

test('a dry run tells the same and writes nothing', async () => {
  const lines = await imported(csv, table(1_500), '?dryRun=true');
  expect(lines.at(-1)).toMatchObject({ rows: 1_500, created: 1_500, position: null, done: true });
  expect(await countOf('bulk')).toBe(0);
});

test('members that a row does not name stay; its passwords take the place of those before, and are never shown', async () => {
  await imported(csv, 'deviceUid,productId,name,attributes.a,password\nm,pump,One,1,canary-4711\n');
  const changed = await imported(csv, 'deviceUid,attributes.b\nm,2\n', '?mode=upsert');
  expect(changed.at(-1)).toMatchObject({ changed: 1 });
  expect(await found('/v1/devices/m')).toMatchObject({ name: 'One', attributes: { a: '1', b: '2' }, passwords: 1 });
  const same = await imported(csv, 'deviceUid,password\nm,canary-4711\n', '?mode=upsert');
  expect(same.at(-1)).toMatchObject({ unchanged: 1 });
  const lines = await imported(csv, 'deviceUid,productId,password,name\nm2,absent,canary-4712,"x"\n', '?mode=upsert');
  expect(JSON.stringify([lines, await found('/v1/devices?search=m')])).not.toMatch(/canary|[Hh]ash/);
});

test('an import goes on behind the rows that were done', async () => {
  const lines = await imported(csv, table(1_200), '?skipRows=1000');
  expect(lines).toMatchObject([{ rows: 1_200, created: 200 }, { done: true }]);
  expect((await imported(csv, table(1_200), '?mode=upsert')).at(-1)).toMatchObject({ created: 1_000, unchanged: 200 });
});

test('what cannot be told apart ends the import; what was told as done stays', async () => {
  const lines = await imported(csv, `${table(1_000)}\r\nbulk-z,pump,"x"y,hall\r\n`, '?mode=upsert');
  const problem = { code: 'malformed_body', status: 400 };
  expect(lines).toMatchObject([{ rows: 1_000 }, { rows: 1_000, created: 1_000, done: false, problem }]);
  expect(await countOf('bulk')).toBe(1_000);
});

test('a file that is wrong from its beginning is refused as other requests are', async () => {
  expect(await problemOf(sent(csv, 'deviceUid,colour\n'))).toMatchObject({
    status: 400,
    code: 'invalid_field',
    errors: [{ field: 'colour', code: 'unknown_column' }],
  });
  const long = `deviceUid,colour\n${'x,y\n'.repeat(2_000_000)}`;
  expect(await problemOf(sent(csv, long))).toMatchObject({ status: 400, code: 'invalid_field' });
  expect(await problemOf(sent('application/json', '{}'))).toMatchObject({ code: 'unsupported_media_type' });
  expect(await problemOf(sent('text/plain', 'x'))).toMatchObject({ code: 'unsupported_media_type' });
  expect(await problemOf(sent(csv, 'deviceUid\n', '?mode=replace'))).toMatchObject({ code: 'invalid_field' });
  const other = await fetch(`${api.url}/v1/devices`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.key}`, 'content-type': csv },
    body: 'x',
  });
  expect(await other.json()).toMatchObject({ status: 415, code: 'unsupported_media_type' });
  const foreign = await fetch(`${api.url}/v1/devices/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.otherKey}`, 'content-type': csv },
    body: 'deviceUid\n',
  });
  expect(await foreign.json()).toMatchObject({ code: 'not_allowed' });
});

test('devices beyond the quota end the import; those before stay', async () => {
  const quota = (devices: number | null): Promise<Response> =>
    api.send(
      'PATCH',
      `/v1/tenants/${api.tenant}`,
      { quotas: { devices } },
      { authorization: `Bearer ${api.adminKey}` },
    );
  expect((await quota(1_500)).status).toBe(200);
  const lines = await imported(csv, table(many));
  expect(lines).toMatchObject([
    { rows: 1_000, created: 1_000 },
    { rows: 1_000, done: false, problem: { code: 'quota_exceeded' } },
  ]);
  expect(await countOf('bulk')).toBe(1_000);
  expect((await quota(null)).status).toBe(200);
});

test('a client that goes away ends the import behind the chunk that is written', async () => {
  const upload = request(`${api.url}/v1/devices/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.key}`, 'content-type': csv },
  });
  upload.on('error', () => undefined);
  upload.write(`${table(1_100)}\r\n`);
  const [answer] = (await once(upload, 'response')) as [NodeJS.ReadableStream];
  await once(answer, 'data');
  answer.on('error', () => undefined);
  upload.write(`${table(500, 'x', 1_100).split('\r\n').slice(1).join('\r\n')}\r\n`);
  await turn();
  upload.destroy();
  await vi.waitFor(async () => {
    const lines = await Promise.all(
      [1, 2, 3].map((n) => imported(ndjson, `{"deviceUid":"bulk-again-${n}","productId":"pump"}`, '?dryRun=true')),
    );
    expect(lines.map((one) => one.at(-1)!.done)).toEqual([true, true, true]);
  }, 5_000);
  expect(await countOf('bulk')).toBe(1_000);
});

test('two imports that write the same devices at once both end well', async () => {
  const both = await Promise.all([
    imported(csv, table(1_500), '?mode=upsert'),
    imported(csv, table(1_500), '?mode=upsert'),
  ]);
  for (const lines of both) expect(lines.at(-1)).toMatchObject({ done: true, failed: 0 });
  expect(await countOf('bulk')).toBe(1_500);
});
