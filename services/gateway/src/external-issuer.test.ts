/** Tokens of a foreign issuer, whose keys are on a server: over HTTP and over lines, through the guard of outbound calls. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { ReceivedMessage } from '@millrace/contracts';
import { type GatewayHandle, type GatewayPorts, httpGateway, tcpGateway } from '@millrace/gateways';
import { GuardedCalls } from '@millrace/outbound';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Acme } from './testing/acme.ts';

const issuer = 'https://idp.example.com';
const audience = 'https://ingest.example.com/acme';
const limits = { connectionsMax: 1, callMsMax: 2_000 };

let asked: number;
let keyServer: Server;
let allowed: string;
let acme: Acme;
let outbound: GuardedCalls;
let taken: ReceivedMessage[];
let http: GatewayHandle;
let tcp: GatewayHandle;
let tokenOf: (device: string) => Promise<string>;

beforeEach(async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] });
  asked = 0;
  keyServer = createServer((_request, response) => {
    asked += 1;
    response.end(keys);
  }).listen(0, '127.0.0.1');
  await once(keyServer, 'listening');
  allowed = `127.0.0.1:${(keyServer.address() as AddressInfo).port}`;

  acme = new Acme(Date.now());
  const jwksUrl = `http://${allowed}/keys`;
  const trusted = { tenant: 'acme', issuerId: 'idp', issuer, audience, jwksUrl, deviceClaim: 'sub' };
  acme.configuration.apply('tokenIssuers', 'acme/idp', trusted);
  tokenOf = (device) =>
    new SignJWT({ sub: device, iss: issuer, aud: audience, exp: acme.clock.nowMs() / 1000 + 60 })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .sign(privateKey);
  trustOutbound([allowed]);
  taken = [];
  const ports: GatewayPorts = {
    sink: {
      async accept(messages) {
        taken.push(...messages);
        return messages.map(() => Buffer.alloc(16));
      },
    },
    authenticator: acme.authenticator,
    tokens: acme.desk,
    hop: { in: () => {}, rejected: () => {} },
    clock: acme.clock,
    failed: (error) => expect.unreachable(String(error)),
  };
  http = await httpGateway.start(httpGateway.settings.parse({ port: 0 }), ports);
  tcp = await tcpGateway.start(tcpGateway.settings.parse({ port: 0 }), ports);
});

afterEach(async () => {
  await Promise.all([http.stop(), tcp.stop()]);
  outbound.close();
  keyServer.close();
});

function trustOutbound(places: readonly string[]): void {
  outbound = new GuardedCalls(places, limits, 'issuer_unavailable');
  acme.published = (url) => outbound.get(url, AbortSignal.timeout(2_000));
}

/** `200`, or the code of the refusal. */
async function overHttp(token: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${http.address}/v1/messages`, { method: 'POST', headers, body: 'x' });
  return ((await response.json()) as { code?: string }).code ?? String(response.status);
}

async function overLines(token: string): Promise<readonly string[]> {
  const { port } = new URL(tcp.address);
  const socket = connect({ host: '127.0.0.1', port: Number(port) });
  socket.end(`RAW ${token}\na\nb\n`);
  const text = Buffer.concat((await socket.toArray()) as Buffer[]).toString();
  return text
    .trim()
    .split('\n')
    .map((line) =>
      line
        .split(' ')
        .slice(0, line.startsWith('ERR') ? 2 : 1)
        .join(' '),
    );
}

test('a token of the issuer is a credential of its device, over HTTP and over lines', async () => {
  expect(await overHttp(await tokenOf('d1'))).toBe('200');
  expect(await overLines(await tokenOf('d2'))).toEqual(['OK', 'OK', 'OK']);
  expect(taken.map(({ tenant, deviceUid }) => `${tenant}/${deviceUid}`)).toEqual(['acme/d1', 'acme/d2', 'acme/d2']);
  expect(asked).toBe(1);
});

test.each([
  ['a device that is not there', () => tokenOf('absent'), 'unauthenticated'],
  ['a disabled device', () => tokenOf('off'), 'device_disabled'],
  ['nobody, because it was changed', async () => `${(await tokenOf('d1')).slice(0, -4)}AAAA`, 'unauthenticated'],
])('a token of %s is refused', async (_, made, code) => {
  expect(await overHttp(await made())).toBe(code);
  expect(await overLines(await made())).toEqual([`ERR ${code}`]);
  expect(taken).toEqual([]);
});

test('a token ends with its time, and with the trust in its issuer, also where it was right before', async () => {
  const [first, second] = [await tokenOf('d1'), await tokenOf('d2')];
  expect([await overHttp(first), await overHttp(second)]).toEqual(['200', '200']);
  await acme.clock.advance(90_000);
  expect(await overHttp(first)).toBe('unauthenticated');
  const third = await tokenOf('d1');
  expect(await overHttp(third)).toBe('200');
  acme.configuration.apply('tokenIssuers', 'acme/idp', null);
  expect(await overHttp(third)).toBe('unauthenticated');
});

test('keys are fetched from nowhere that the operator has not allowed, and the device may come again', async () => {
  trustOutbound([]);
  expect(await overHttp(await tokenOf('d1'))).toBe('issuer_unavailable');
  expect(await overLines(await tokenOf('d1'))).toEqual(['ERR issuer_unavailable']);
  expect(asked).toBe(0);
});
