import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { testAuthority } from '@millrace/testkit/certificates';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GuardedCalls } from './guarded-calls.ts';

const limits = { connectionsMax: 2, callMsMax: 500 };
const never = new AbortController().signal;

let server: Server;
let port: number;
let asked: string[];
let answer: (response: ServerResponse) => void;
let calls: GuardedCalls;

beforeEach(async () => {
  asked = [];
  answer = (response) => response.end('{"ok":true}');
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
  calls = new GuardedCalls([`127.0.0.1:${port}`], limits, 'channel_unavailable');
});

afterEach(async () => {
  calls.close();
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
});

const ask = (url: string, signal = never) => calls.postJson(new URL(url), { a: 1 }, signal);
const here = (path = '/x') => `http://127.0.0.1:${port}${path}`;

test('what the operator allows is called', async () => {
  expect(await ask(here('/x?y=1'))).toEqual({ status: 200, body: '{"ok":true}' });
  expect(await calls.get(new URL(here('/x')), never)).toEqual({ status: 200, body: '{"ok":true}' });
  expect(asked).toEqual(['POST /x?y=1', 'GET /x']);
});

test.each([
  ['an address that is private', () => `https://10.0.0.1/`],
  ['the loopback on another port', () => `http://127.0.0.1:1/`],
  ['the loopback in another form', () => `https://[::1]:${port}/`],
  ['the loopback as a number', () => `https://2130706433:1/`],
  ['a name that is the loopback', () => `https://localhost:${port}/`],
  ['an allowed place under another name', () => `http://localhost:${port}/`],
  ['a public address without TLS', () => 'http://8.8.8.8/'],
  ['another protocol', () => 'ftp://127.0.0.1/'],
])('%s is not called', async (_, url) => {
  const refusal = { code: 'configuration_invalid', retry: 'never' };
  await expect(ask(url())).rejects.toMatchObject(refusal);
  await expect(calls.get(new URL(url()), never)).rejects.toMatchObject(refusal);
  expect(asked).toEqual([]);
});

test('a redirect is an answer, and not followed', async () => {
  answer = (response) => response.writeHead(302, { location: '/other' }).end();
  expect((await ask(here())).status).toBe(302);
  expect(asked).toEqual(['POST /x']);
});

test.each([
  ['no answer', 'within 500 ms', () => {}],
  ['half an answer', 'within 500 ms', (response: ServerResponse) => void response.writeHead(200).write('{')],
  ['a long answer', 'too long', (response: ServerResponse) => void response.writeHead(200).write('x'.repeat(100_000))],
  ['a connection that breaks', 'socket', (response: ServerResponse) => void response.socket?.destroy()],
])('%s is worth another attempt', async (_, reason, behaviour) => {
  answer = behaviour;
  await expect(ask(here())).rejects.toMatchObject({
    code: 'channel_unavailable',
    retry: 'later',
    message: expect.stringContaining(reason),
  });
});

test('headers go and come, and a caller may take longer answers', async () => {
  const body = Buffer.alloc(100_000, 'x');
  let told: unknown;
  server.once('request', ({ headers }: IncomingMessage) => (told = headers['if-none-match']));
  answer = (response) => response.setHeader('etag', '"1"').end(body);
  const patient = new GuardedCalls(
    [`127.0.0.1:${port}`],
    { ...limits, answerBytesMax: 200_000 },
    'channel_unavailable',
  );
  const { status, headers, body: answered } = await patient.fetch(new URL(here()), { 'if-none-match': '"0"' }, never);
  patient.close();
  expect({ status, etag: headers.etag, told }).toEqual({ status: 200, etag: '"1"', told: '"0"' });
  expect(answered.equals(body)).toBe(true);
});

test('a place with a certificate of its own authority is called with it, and shown ours', async () => {
  const authority = await testAuthority('CN=Test authority');
  const own = await authority.issue({ subject: 'CN=localhost', names: [{ type: 'dns', value: 'localhost' }] });
  const ours = await authority.issue({ subject: 'CN=millrace', use: 'client' });
  const { certificate: ca } = authority;
  const shown: unknown[] = [];
  const secure = createSecureServer(
    { cert: own.certificate, key: own.key, ca, requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      shown.push((request.socket as TLSSocket).getPeerCertificate().subject.CN);
      response.end('{}');
    },
  ).listen(0, '127.0.0.1');
  await once(secure, 'listening');
  const place = `localhost:${(secure.address() as AddressInfo).port}`;
  const url = new URL(`https://${place}/`);
  const known = new GuardedCalls([place], limits, 'channel_unavailable', { ca, cert: ours.certificate, key: ours.key });
  const strange = new GuardedCalls([place], limits, 'channel_unavailable');
  expect((await known.get(url, never)).status).toBe(200);
  await expect(strange.get(url, never)).rejects.toMatchObject({ code: 'channel_unavailable' });
  expect(shown).toEqual(['millrace']);
  known.close();
  strange.close();
  secure.close();
  await once(secure, 'close');
});
