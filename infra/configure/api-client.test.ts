import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient } from './api-client.ts';

const { signal } = new AbortController();
let server: Server;
let url: string;
let answer: { status: number; body: string };
let headers: NodeJS.Dict<string | string[]>;

beforeAll(async () => {
  server = createServer((request, response) => {
    ({ headers } = request);
    response.writeHead(answer.status).end(answer.body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

test('the key goes with every question, and the tenant that is meant', async () => {
  answer = { status: 200, body: '{"a":1}' };
  expect(await new ApiClient({ url, key: 'k' }).in('north').get('/v1/x', signal)).toEqual({ a: 1 });
  expect(headers).toMatchObject({ authorization: 'Bearer k', 'millrace-tenant': 'north' });
});

test('a refusal is a sentence; several wrong fields stand below it', async () => {
  const api = new ApiClient({ url, key: 'k' });
  const errors = [
    { field: 'name', detail: 'Too long.' },
    { field: '', detail: 'Unrecognized key.' },
  ];
  answer = { status: 400, body: JSON.stringify({ detail: 'name: Too long.', errors }) };
  await expect(api.get('/v1/x?a=1', signal)).rejects.toThrow(
    'The api refused /v1/x: name: Too long.\n  name: Too long.\n  as a whole: Unrecognized key.',
  );
  answer = { status: 502, body: '<html>' };
  await expect(api.get('/v1/x', signal)).rejects.toThrow('The api refused /v1/x: it answered 502.');
});

test('an api that is not there is a sentence too', async () => {
  await expect(new ApiClient({ url: 'http://127.0.0.1:1', key: 'k' }).get('/', signal)).rejects.toMatchObject({
    name: 'UserError',
    message: 'No api answers at http://127.0.0.1:1.',
  });
});
