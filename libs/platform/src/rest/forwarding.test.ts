import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { principalHeader, PrincipalReader, PrincipalSigner, SecretKey } from '@millrace/auth';
import { systemClock } from '@millrace/kernel';
import { expect, onTestFinished, test } from 'vitest';
import { Forwarding, relay } from './forwarding.ts';

const key = new SecretKey(randomBytes(32));
const caller = { tenant: 'acme', key: { tenant: 'acme', keyId: 'k1', scopes: ['write'], expiresAtMicros: null } };
const forwarding = (): Forwarding => new Forwarding(new PrincipalSigner(key), 'api-1', systemClock);
const request = {
  method: 'PATCH',
  url: '/v1/connections/plant?x=1',
  body: { enabled: false },
  headers: {
    'content-type': 'application/merge-patch+json',
    'if-match': '"7"',
    authorization: 'Bearer k1.secret',
    cookie: 'x',
  },
};

async function served(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a request arrives with who asks in place of the key, and its answer comes back as it is', async () => {
  const taken = Promise.withResolvers<readonly [IncomingMessage, string]>();
  const url = await served((message, response) => {
    void text(message).then((body) => taken.resolve([message, body]));
    response
      .writeHead(412, { 'content-type': 'application/problem+json', etag: '"9"', 'x-own': 'kept back' })
      .end('{"a":1}');
  });
  const answer = await forwarding().send({ url: `${url}/`, instance: 'm1' }, caller, request);
  expect(answer).toEqual({
    status: 412,
    headers: { 'content-type': 'application/problem+json', etag: '"9"' },
    text: '{"a":1}',
  });
  const [{ method, url: path, headers }, body] = await taken.promise;
  expect([method, path, JSON.parse(body)]).toEqual(['PATCH', request.url, request.body]);
  expect(headers).toMatchObject({ 'content-type': 'application/merge-patch+json', 'if-match': '"7"' });
  expect([headers.authorization, headers.cookie]).toEqual([undefined, undefined]);
  const signed = { method: 'PATCH', path: request.url, body: request.body };
  expect(new PrincipalReader(key, 'm1').read(String(headers[principalHeader]), signed, Date.now())).toEqual({
    tenant: 'acme',
    keyId: 'k1',
    scopes: ['write'],
    by: 'api-1',
    to: 'm1',
  });
  const told: unknown[] = [];
  const reply = { status: (code: number) => told.push(code), header: (...pair: string[]) => told.push(pair) };
  expect([relay(answer, reply), told]).toEqual([
    '{"a":1}',
    [412, ['content-type', 'application/problem+json'], ['etag', '"9"']],
  ]);
});

test.each([
  ['/v1/./connections/../connections/plant', '/v1/connections/plant'],
  ['/v1/connections?state="open"&instance=<m1>', '/v1/connections?state=%22open%22&instance=%3Cm1%3E'],
  ['/.//v1', '//v1'],
])('what is signed of %s is what arrives', async (asked, sent) => {
  const taken = Promise.withResolvers<IncomingMessage>();
  const url = await served((message, response) => {
    taken.resolve(message);
    response.end();
  });
  await forwarding().send({ url, instance: 'm1' }, caller, { method: 'GET', url: asked, headers: {} });
  const { url: path, headers } = await taken.promise;
  expect(path).toBe(sent);
  const signed = { method: 'GET', path: path!, body: undefined };
  expect(new PrincipalReader(key, 'm1').read(String(headers[principalHeader]), signed, Date.now())).toBeDefined();
});

test('a target that is not a path is refused, and held against nobody', async () => {
  const url = await served((_, response) => response.end());
  const one = forwarding();
  const targets = ['http://x/v1/connections', '//x/v1/connections', '*', 'http://x/', ''];
  for (const target of targets)
    await expect(
      one.send({ url, instance: 'm1' }, caller, { method: 'GET', url: target, headers: {} }),
    ).rejects.toMatchObject({ code: 'malformed_request' });
  expect((await one.send({ url, instance: 'm1' }, caller, request)).status).toBe(200);
});

test('who was not reached has done nothing, and is not asked again for a while', async () => {
  const [one, url] = [forwarding(), 'http://127.0.0.1:2'];
  for (let attempt = 0; attempt < 5; attempt += 1)
    await expect(one.send({ url, instance: null }, caller, request)).rejects.toMatchObject({
      code: 'instance_unavailable',
      mayHaveArrived: false,
      message: 'A client manager does not answer. Repeat it.',
    });
});

test('who breaks off, or is too slow, may have done it', async () => {
  const broken = await served((message) => message.socket.destroy());
  const silent = await served(() => undefined);
  for (const url of [broken, silent])
    await expect(forwarding().send({ url, instance: 'm1' }, caller, request, 100)).rejects.toMatchObject({
      code: 'instance_unavailable',
      mayHaveArrived: true,
      message: expect.stringMatching(/^The instance m1 of the client manager does not answer/) as string,
    });
});

test('one tenant has so many requests under way, and leaves room for the others', async () => {
  const silent = await served(() => undefined);
  const one = forwarding();
  const waiting = Array.from({ length: 50 }, () =>
    one.send({ url: silent, instance: null }, caller, request, 300).catch(() => undefined),
  );
  await expect(one.send({ url: silent, instance: null }, caller, request)).rejects.toMatchObject({
    code: 'overloaded',
  });
  const url = await served((_, response) => response.end());
  expect((await one.send({ url, instance: null }, { ...caller, tenant: 'other' }, request)).status).toBe(200);
  await Promise.all(waiting);
});
