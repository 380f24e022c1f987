/** What no document describes: text that cannot be stored, paths that are none, what is no HTTP. All of it is told as a problem. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiUnderTest } from './testing/api-under-test.ts';

const api = new ApiUnderTest(['read', 'write', 'admin']);
beforeAll(() => api.start(), 60_000);
afterAll(() => api.close(), 30_000);

type Problem = Readonly<Record<string, unknown>>;

async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  return (await response.json()) as Problem;
}

/** JSON text, which can name what JSON.stringify would not let through. */
function sendText(method: string, path: string, body: string, type = 'application/json'): Promise<Response> {
  const headers = { authorization: `Bearer ${api.key}`, 'content-type': type };
  return fetch(api.url + path, { method, headers, body });
}

test.each(['\\u0000', '\\ud800', '\\udfff', '\\udc00\\ud800'])(
  'text with %s is refused wherever it stands',
  async (text) => {
    const device = (more: string): string => `{"deviceUid": "n1", "productId": "pump", ${more}}`;
    const bodies = [
      ['POST', '/v1/devices', device(`"name": "a${text}"`), 'name'],
      ['POST', '/v1/devices', device(`"attributes": {"a": "${text}"}`), 'attributes.a'],
      ['POST', '/v1/devices', device(`"attributes": {"${text}": "a"}`), 'attributes'],
      ['PATCH', '/v1/devices/d1', `{"name": "${text}"}`, 'name'],
      ['POST', '/v1/scripts', `{"scriptId": "n1", "source": "// ${text}"}`, 'source'],
      ['POST', '/v1/points/latest', `{"devices": ["d1"], "signals": ["${text}"]}`, 'signals.0'],
    ] as const;
    for (const [method, path, body, field] of bodies)
      expect(await problemOf(await sendText(method, path, body)), body).toMatchObject({
        status: 400,
        code: 'invalid_field',
        errors: [{ field }],
      });
    const rows = [device(`"name": "${text}"`), '{"deviceUid": "n2", "productId": "pump"}'].join('\n');
    const imported = await (await sendText('POST', '/v1/devices/import', rows, 'application/x-ndjson')).text();
    expect(JSON.parse(imported.trimEnd().split('\n').at(-1)!)).toMatchObject({ created: 1, failed: 1, done: true });
    expect((await api.send('DELETE', '/v1/devices/n2', undefined)).status).toBe(204);
  },
);

test('a NUL in a path, a question or a cursor is refused', async () => {
  const cursor = Buffer.from(JSON.stringify(['id', 'a\0', 'a\0'])).toString('base64url');
  for (const path of [
    '/v1/devices/%00',
    '/v1/devices/a%00b/latest',
    '/v1/devices?search=%00',
    '/v1/devices?productId=a%00',
    `/v1/devices?cursor=${cursor}`,
    '/v1/latest?devices=%00',
    '/v1/alarms?limit=%00',
  ])
    expect(await problemOf(await api.get(path)), path).toMatchObject({ status: 400, code: 'invalid_field' });
});

test('numbers that no column holds are refused', async () => {
  const script = (version: string): string => `{"scriptId": "n1", "source": "", "version": ${version}}`;
  for (const version of ['1e400', '9007199254740993', '2147483648', '-1', '0.5', '1e-400'])
    expect(await problemOf(await sendText('POST', '/v1/scripts', script(version))), version).toMatchObject({
      status: 400,
    });
  expect(await problemOf(await api.get('/v1/devices?limit=1e400'))).toMatchObject({ status: 400 });
});

test.each([
  ['a path that is none', '/v1/devices/%ff', 400],
  ['a path with half an escape', '/%', 400],
  ['a part of the path that is too long', `/v1/devices/${'x'.repeat(5_000)}`, 400],
  ['a path that is not there', '/v1/nothing', 404],
])('%s is a problem', async (_, path, status) => {
  const problem = await problemOf(await api.get(path));
  expect([problem['status'], typeof problem['code'], typeof problem['retry']]).toEqual([status, 'string', 'string']);
});

test('a method that is not there is a problem', async () => {
  for (const method of ['PUT', 'PATCH', 'OPTIONS', 'DELETE'])
    expect(await problemOf(await api.send(method, '/v1/devices', undefined)), method).toMatchObject({ status: 404 });
});

test.each([
  ['no HTTP at all', 'EHLO mail.example\r\n\r\n'],
  ['a head that is too large', `GET /v1/devices HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`],
  ['two lengths of a body', 'POST /v1/devices HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}'],
])('%s is a problem', async (_, head) => {
  const socket = connect(Number(new URL(api.url).port), new URL(api.url).hostname);
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
  socket.write(head);
  await once(socket, 'close');
  expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*application\/problem\+json[^]*"code":"malformed_request"/);
});
