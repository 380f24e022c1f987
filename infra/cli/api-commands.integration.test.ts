/** The commands about what the api has, as a person or a script calls them, against a real api. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ApiUnderTest } from '../../services/api/src/testing/api-under-test.ts';
import { type Outcome, runMillrace } from './testing/run-millrace.ts';

const api = new ApiUnderTest(['read', 'write', 'admin']);
const folder = mkdtempSync(join(tmpdir(), 'millrace-commands-'));
beforeAll(() => api.start(), 60_000);
afterEach(() => api.applyDevices(['d1', 'd2', 'd3']));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await api.close();
}, 30_000);

function run(words: readonly string[], { key = api.key, input = '' } = {}): Promise<Outcome> {
  const variables = { MILLRACE_API_URL: api.url, MILLRACE_API_KEY: key };
  return runMillrace(words, { folder, variables, input });
}

const millrace = (...words: readonly string[]): Promise<Outcome> => run(words);

async function lines(...words: readonly string[]): Promise<unknown[]> {
  const { stdout, stderr } = await millrace(...words, '--json');
  expect(stderr).toBe('');
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown);
}

test('devices are created, listed, shown and deleted', async () => {
  const created = await millrace(
    'devices',
    'create',
    'd9',
    'productId=pump',
    'name=Nine',
    'attributes.hall=a',
    'tags=hall-a new',
  );
  expect(created, created.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/^name +Nine$/m) });
  const list = await millrace('devices', 'list', '--search', 'd9');
  expect(list.stdout).toBe(
    'deviceUid  name  productId  state   identificationCode  passwords  tags\n' +
      'd9         Nine  pump       active  -                   0          ["hall-a","new"]\n',
  );
  expect(await lines('devices', 'get', 'd9')).toMatchObject([{ deviceUid: 'd9', attributes: { hall: 'a' } }]);
  expect(await lines('devices', 'list', '--product', 'pump', '--state', 'active')).toHaveLength(4);
  expect(await lines('devices', 'list', '--tag', 'new')).toMatchObject([{ deviceUid: 'd9' }]);
  const cut = await millrace('devices', 'list', '--limit', '2');
  expect(cut).toMatchObject({ code: 0, stderr: 'There are more than 2; --limit N shows N of them.\n' });
  expect((await millrace('devices', 'delete', 'd9')).stdout).toBe('Deleted d9.\n');
  expect(await millrace('devices', 'get', 'd9')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'millrace: The api refused /v1/devices/d9: There is no device d9.\n',
  });
});

test('credentials are made, and each secret goes where it is told to', async () => {
  const file = join(folder, 'd1.password');
  const made = await millrace('devices', 'password', 'd1', '--out', file);
  expect(made).toEqual({ code: 0, stdout: 'deviceUid  d1\npasswords  1\n', stderr: `The password is in ${file}.\n` });
  expect(readFileSync(file, 'utf8')).toMatch(/^[\w-]{43}\n$/);
  expect((await millrace('devices', 'password', 'd1', '--out', '-')).stdout).toMatch(/^[\w-]{43}\n$/);
  expect((await millrace('devices', 'password', 'd1', '--remove', 'old')).code).toBe(0);
  const key = await millrace('keys', 'create', 'read', '--out', '-');
  const [keyId = '', before] = key.stdout.trim().split('.');
  const rotated = await millrace('keys', 'rotate', keyId, '--overlap', '1', '--out', '-');
  expect(rotated.stdout.startsWith(`${keyId}.`)).toBe(true);
  expect(rotated.stdout).not.toContain(before);
  const listed = (await lines('keys', 'list')) as { keyId: string; previousUntil: string }[];
  expect(Date.parse(listed.find((one) => one.keyId === keyId)!.previousUntil)).toBeGreaterThan(Date.now());
});

test('a certificate is issued and taken back, and a registration approved', async () => {
  await api.send('POST', '/v1/certificate-authorities/built-in', {});
  const file = join(folder, 'd2.pem');
  const made = await millrace('devices', 'certificate', 'd2', '--days', '7', '--out', file, '--json');
  const { serialNumber } = JSON.parse(made.stdout) as { readonly serialNumber: string };
  expect(readFileSync(file, 'utf8')).toMatch(/^-----BEGIN CERT[^]+-----BEGIN PRIVATE KEY-----[^]+-----\n$/);
  expect((await millrace('devices', 'certificate', 'd2', '--revoke', serialNumber)).code).toBe(0);
  expect(await lines('devices', 'certificate', 'd2', '--list')).toMatchObject([{ revokedAt: expect.any(String) }]);

  const { stdout: secret } = await millrace('registrations', 'secret', 'pump', '--out', '-');
  const authorization = `Bearer ${secret.trim()}`;
  await api.send('POST', '/v1/registrations', { deviceUid: 'r1', claim: 'c'.repeat(32) }, { authorization });
  expect((await millrace('registrations', 'list')).stdout).toMatch(/^deviceUid .+\nr1 +pump .+ pending .+\n$/);
  expect((await millrace('registrations', 'approve', 'r1')).stdout).toBe('Approved r1.\n');
});

test('a tree of assets is shown, and devices are listed by it', async () => {
  const line = ['assets', 'create', 'line-3', 'name=Line 3', 'kind=line', 'parentId=hall'];
  expect(await millrace('assets', 'create', 'hall', 'name=Hall A')).toMatchObject({ code: 0 });
  expect(await millrace(...line)).toMatchObject({ code: 0 });
  expect((await millrace('assets', 'tree', 'hall')).stdout).toBe('hall  Hall A\n  line-3  Line 3, line\n');
  expect(await lines('assets', 'tree', 'hall')).toMatchObject([{ level: 1 }, { assetId: 'line-3', level: 2 }]);
  expect((await millrace('assets', 'list', '--parent', 'hall')).stdout).toBe(
    'assetId  name    kind  parentId\nline-3   Line 3  line  hall\n',
  );
  await millrace('devices', 'create', 'd8', 'productId=pump', 'assetIds=line-3');
  expect(await lines('devices', 'list', '--asset', 'hall')).toMatchObject([{ deviceUid: 'd8', assetIds: ['line-3'] }]);
});

test('a file of devices is imported; wrong rows are shown in a table', async () => {
  const file = join(folder, 'fleet.csv');
  const rows = Array.from({ length: 2_000 }, (_, n) => `i${n},${n === 7 ? 'absent' : 'pump'}`);
  writeFileSync(file, ['deviceUid,productId', ...rows].join('\n'));
  const dry = await millrace('devices', 'import', file, '--dry-run');
  expect(dry.stdout).toBe('Would be: 1999 created, 0 changed, 0 unchanged, 1 wrong.\n');
  const { code, stdout, stderr } = await millrace('devices', 'import', file);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '1999 created, 0 changed, 0 unchanged, 1 wrong.\n' });
  expect(stderr).toMatch(
    /^✓ Importing .+ \([\d.]+ s\)\nrow {2}member {5}what is wrong\n8 {4}productId {2}There is no absent\.\n$/,
  );

  const told = (await lines('devices', 'import', file, '--upsert', '--skip-rows', '1000')) as { done: boolean }[];
  expect(told).toMatchObject([{ rows: 2_000, unchanged: 1_000 }, { done: true }]);
  const piped = await run(['devices', 'import', '-', '--format', 'ndjson'], {
    input: '{"deviceUid":"piped","productId":"pump"}\n',
  });
  expect(piped).toMatchObject({ code: 0, stdout: '1 created, 0 changed, 0 unchanged, 0 wrong.\n' });
});

test('an import that is cut off says how to go on', async () => {
  const file = join(folder, 'broken.csv');
  const rows = Array.from({ length: 1_000 }, (_, n) => `i${n},pump`);
  writeFileSync(file, ['deviceUid,productId', ...rows, '"x"y,pump'].join('\n'));
  const { code, stderr } = await millrace('devices', 'import', file);
  expect(code).toBe(1);
  expect(stderr).toContain('Line 1002 of the file: behind a closing quote');
  expect(stderr).toContain('Go on with --skip-rows 1000.');
  expect((await millrace('devices', 'import', join(folder, 'absent.csv'))).stderr).toContain('cannot be read');
});

test('products, scripts and values are shown; a script is put from a file', async () => {
  expect((await millrace('products', 'list')).stdout).toMatch(/^productId +name +scriptId\npump +Pump +-\n$/);
  expect(await lines('products', 'get', 'pump')).toMatchObject([{ productId: 'pump' }]);
  const file = join(folder, 'decode.js');
  writeFileSync(file, 'const decodeUplink = () => ({ data: {} });\n');
  expect((await millrace('scripts', 'put', file, '--id', 'decode')).stdout).toBe('Script decode has version 1.\n');
  writeFileSync(file, 'const decodeUplink = () => ({ data: { a: 1 } });\n');
  expect((await millrace('scripts', 'put', file, '--id', 'decode')).stdout).toBe('Script decode has version 2.\n');
  expect((await millrace('scripts', 'get', 'decode')).stdout).toBe(
    'const decodeUplink = () => ({ data: { a: 1 } });\n',
  );
  expect((await millrace('scripts', 'versions', 'decode')).stdout).toMatch(
    /^version .+\n2 +javascript .+\n1 +javascript /,
  );
  expect((await millrace('scripts', 'get', 'decode', '--version', '1')).stdout).toBe(
    'const decodeUplink = () => ({ data: {} });\n',
  );
  expect((await millrace('scripts', 'restore', 'decode', '1')).stdout).toBe('Script decode has version 3.\n');
  const samples = join(folder, 'samples.json');
  writeFileSync(samples, JSON.stringify([{ name: 'one', payload: '00', expected: [{ name: 'a', value: 1 }] }]));
  await millrace('scripts', 'put', file, '--id', 'decode', '--samples', samples);
  expect(await lines('scripts', 'get', 'decode')).toMatchObject([{ version: 4, samples: [{ name: 'one' }] }]);
  const refused = await millrace('scripts', 'restore', 'decode', '1');
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('one: a is missing, expected 1.') });
  const reason = ['--override', 'no longer sent'];
  expect((await millrace('scripts', 'restore', 'decode', '1', ...reason)).stdout).toContain('has version 5.');
  expect((await lines('scripts', 'versions', 'decode'))[0]).toMatchObject({ version: 5, override: 'no longer sent' });
  expect(await millrace('scripts', 'quarantine')).toMatchObject({ code: 0, stderr: 'No script rests.\n' });
  expect((await millrace('scripts', 'quarantine', 'clear', 'decode')).stdout).toBe('Script decode did not rest.\n');
  expect((await millrace('scripts', 'quarantine', 'clear')).code).toBe(2);
  expect(await lines('scripts', 'list')).toMatchObject([{ scriptId: 'decode', language: 'javascript' }]);

  expect(await lines('data', 'latest', 'd1')).toMatchObject([{ device: 'd1', signal: 't', value: 21.5 }]);
  const absent = await millrace('data', 'latest', 'd1', 'nobody');
  expect(absent).toMatchObject({ code: 1, stderr: 'There is no device nobody.\n' });
  const day = ['--from', '2026-03-01T00:00:00Z', '--to', '2026-03-02T00:00:00Z'];
  const points = await millrace('data', 'points', 'd1', 't', ...day);
  expect(points.stdout).toMatch(/^time +value +quality\n2026-03-01T12:00:00\.000000Z +0\.5 +0\n/);
  expect(await lines('data', 'points', 'd1', 't', ...day, '--limit', '3')).toHaveLength(3);
});

test('the configuration goes into a folder, is compared with it, and is brought to what it says', async () => {
  const target = join(folder, 'config');
  writeFileSync(join(folder, 'own.js'), 'const decodeUplink = () => ({ data: {} });\n');
  const samples = join(folder, 'own.json');
  writeFileSync(samples, JSON.stringify([{ name: 'one', payload: '00', expected: [] }]));
  await millrace('scripts', 'put', join(folder, 'own.js'), '--id', 'own', '--samples', samples);
  const exported = await millrace('config', 'export', target);
  expect(readFileSync(join(target, 'scripts/own.js.samples.json'), 'utf8')).toContain('"one"');
  expect(exported.stdout).toContain('not in it: channels.secrets, connections.\n');
  expect(readdirSync(target).toSorted()).toEqual(expect.arrayContaining(['devices.json', 'scripts', 'tenants.json']));
  expect(await millrace('config', 'diff', target)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^0 created, 0 changed, 0 deleted, \d+ unchanged\.\n$/),
  });

  const file = join(target, 'devices.json');
  const [first, second] = JSON.parse(readFileSync(file, 'utf8')) as { deviceUid: string; name: string }[];
  writeFileSync(file, JSON.stringify([{ ...first, name: 'Other' }, second, { ...second, deviceUid: 'new' }]));
  const changes = [
    { entity: 'devices', id: first!.deviceUid, change: 'changed', members: ['name'] },
    { entity: 'devices', id: 'new', change: 'created' },
    { entity: 'devices', id: 'd3', change: 'deleted' },
  ];
  const diff = await millrace('config', 'diff', target);
  expect(diff.code).toBe(1);
  const id = `${api.tenant}/devices`;
  expect(diff.stdout).toMatch(
    new RegExp(
      `^~ ${id}/d1  name\\n\\+ ${id}/new\\n- ${id}/d3\\n1 created, 1 changed, 1 deleted, \\d+ unchanged\\.\\n$`,
    ),
  );
  expect(await lines('config', 'diff', target)).toMatchObject(changes);
  const applied = await millrace('config', 'apply', target, '--no-wait', '--prune');
  expect(applied, applied.stderr).toMatchObject({ code: 0, stdout: diff.stdout });
  expect((await millrace('config', 'diff', target)).code).toBe(0);

  writeFileSync(file, JSON.stringify([{ ...first, productId: 'absent', name: 3 }]));
  const wrong = await millrace('config', 'diff', target);
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('devices.json[0].name') });
});

test('a key of the platform needs to know which tenant is meant', async () => {
  const key = api.adminKey;
  const named = await run(['devices', 'list', '--tenant', api.tenant], { key });
  expect(named, named.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('d1') });
  const several = await run(['devices', 'list'], { key });
  expect(several).toMatchObject({ code: 2, stderr: expect.stringContaining('Name a tenant: --tenant ') });
  expect(await run(['devices', 'list'], { key: api.otherKey })).toMatchObject({ code: 0, stderr: 'There are none.\n' });
  expect((await run(['config', 'export', folder], { key: api.otherKey })).stderr).toContain('needs the scope admin');
});

test('a tenant is deleted when its name is given once more, and its receipt is shown', async () => {
  const key = api.adminKey;
  const leaver = `${api.tenant}_l`;
  const headers = { authorization: `Bearer ${key}` };
  expect((await api.send('POST', '/v1/tenants', { tenant: leaver, name: 'Leaver' }, headers)).status).toBe(201);
  const list = await run(['tenants', 'list', '--search', leaver], { key });
  expect(list.stdout).toMatch(new RegExp(`^tenant +name +state +retentionClass +ownTable\\n${leaver} +Leaver +active`));
  const unsure = await run(['tenants', 'delete', leaver], { key });
  expect(unsure).toMatchObject({ code: 2, stderr: expect.stringContaining(`--confirm ${leaver}`) });
  const asked = await run(['tenants', 'delete', leaver, '--confirm', leaver, '--no-wait'], { key });
  expect(asked, asked.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining(`${leaver}: waiting.`) });
  const receipt = await run(['tenants', 'erasures', leaver, '--json'], { key });
  expect(JSON.parse(receipt.stdout)).toMatchObject({ tenant: leaver, doneAt: null });
  expect((await run(['tenants', 'erasures', '--limit', '1000'], { key })).stdout).toContain(leaver);
  expect(await millrace('tenants', 'erasures')).toMatchObject({ code: 1, stderr: expect.stringContaining('platform') });
});
