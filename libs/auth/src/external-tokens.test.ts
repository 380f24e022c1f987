/** Against a server with keys, as an issuer has one. */
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { base64url, exportJWK, generateKeyPair, importJWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ExternalTokens, looksLikeJwt, type TokenIssuer } from './external-tokens.ts';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

const url = 'https://idp.example.com/';
const audience = 'https://ingest.example.com/acme';
const startMs = Date.UTC(2026, 2, 1);
const nowSeconds = startMs / 1000;

let keys: KeyPair;
let foreign: KeyPair;
let publicKeys: object;
let server: Server;
let answer: () => { readonly status: number; readonly body: string };
let asked: number;
let nowMs: number;
let issuers: TokenIssuer[];
let failures: unknown[];
let tokens: ExternalTokens;

beforeAll(async () => {
  [keys, foreign] = await Promise.all([generateKeyPair('RS256', { extractable: true }), generateKeyPair('RS256')]);
  publicKeys = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1', use: 'sig' }] };
  server = createServer((_request, response) => {
    asked += 1;
    const { status, body } = answer();
    response.writeHead(status).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => server.close());

beforeEach(() => {
  asked = 0;
  nowMs = startMs;
  failures = [];
  answer = () => ({ status: 200, body: JSON.stringify(publicKeys) });
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  issuers = [{ tenant: 'acme', issuer: url, audience, jwksUrl, deviceClaim: 'device' }];
  tokens = new ExternalTokens({
    issuersOf: (issuer) => issuers.filter((one) => one.issuer === issuer),
    get: fetched,
    failed: (_, error) => failures.push(error),
    nowMs: () => nowMs,
  });
});

async function fetched(from: URL): Promise<{ status: number; body: string }> {
  const [response] = (await once(get(from, { agent: false }), 'response')) as [IncomingMessage];
  const body = Buffer.concat((await response.toArray()) as Buffer[]).toString();
  return { status: response.statusCode ?? 0, body };
}

const claims = { iss: url, aud: audience, device: 'd1', exp: nowSeconds + 600 };

function signed(payload: JWTPayload = {}, { privateKey }: KeyPair = keys, kid = 'k1'): Promise<string> {
  return new SignJWT({ ...claims, ...payload }).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);
}

async function found(token: string): Promise<string | undefined> {
  await tokens.verify(token);
  const right = tokens.find(token);
  return right && `${right.tenant}/${right.deviceUid}`;
}

test('a token of the issuer speaks for the device in its claim; its keys are fetched once', async () => {
  const token = await signed();
  expect(looksLikeJwt(token)).toBe(true);
  expect(tokens.find(token)).toBeUndefined();
  expect(await found(token)).toBe('acme/d1');
  expect(await found(token)).toBe('acme/d1');
  expect(await found(await signed({ device: 'd2', aud: ['other', audience] }))).toBe('acme/d2');
  expect(asked).toBe(1);
});

test('it holds until its time is over, and half a minute for clocks that differ', async () => {
  const token = await signed();
  await tokens.verify(token);
  nowMs = startMs + 629_999;
  expect(tokens.find(token)).toMatchObject({ deviceUid: 'd1' });
  nowMs = startMs + 630_000;
  expect(tokens.find(token)).toBeUndefined();
  expect(await found(token)).toBeUndefined();
  expect(await found(await signed({ exp: nowMs / 1000 - 29, nbf: nowMs / 1000 + 30 }))).toBe('acme/d1');
});

const without = (claim: keyof typeof claims) => signed({ [claim]: undefined });

test.each<[string, () => Promise<string> | string]>([
  ['has ended', () => signed({ exp: nowSeconds - 31 })],
  ['never ends', () => without('exp')],
  ['begins later', () => signed({ nbf: nowSeconds + 31 })],
  ['is for another audience', () => signed({ aud: 'https://ingest.example.com/other' })],
  ['is for no audience', () => without('aud')],
  ['is of another issuer', () => signed({ iss: 'https://other.example.com/' })],
  ['is of no issuer', () => without('iss')],
  ['is of nearly that issuer', () => signed({ iss: url.slice(0, -1) })],
  ['is signed by a key of somebody else', () => signed({}, foreign)],
  ['names a key that the issuer does not have', () => signed({}, keys, 'k2')],
  ['names no device', () => without('device')],
  ['names what cannot be a device', () => signed({ device: 'd 1' })],
  ['names many devices', () => signed({ device: ['d1'] })],
  ['is not signed', () => new UnsecuredJWT(claims).encode()],
  [
    'says that it is not signed',
    () => `${base64url.encode('{"alg":"none"}')}.${base64url.encode(JSON.stringify(claims))}.AA`,
  ],
  ['is signed with the public key as a secret', signedWithPublicKey],
  ['is signed by an algorithm that is not ours', signedByAnotherAlgorithm],
  ['is no token', () => 'eyJ.e.A'],
])('a token that %s is nobody\u2019s', async (_, made) => {
  expect(await found(await made())).toBeUndefined();
  expect(failures).toEqual([]);
});

/** The old attack on verifiers that believe the header (CVE-2015-9235). */
async function signedWithPublicKey(): Promise<string> {
  const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey)));
  return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(secret);
}

async function signedByAnotherAlgorithm(): Promise<string> {
  const key = await importJWK(await exportJWK(keys.privateKey), 'RS512');
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS512', kid: 'k1' }).sign(key);
}

test('a token for two tenants is for none', async () => {
  const both = await signed({ aud: [audience, 'https://ingest.example.com/other'] });
  issuers.push({ ...issuers[0]!, tenant: 'other', audience: 'https://ingest.example.com/other' });
  expect(await found(both)).toBeUndefined();
  expect(await found(await signed({ aud: 'https://ingest.example.com/other' }))).toBe('other/d1');
  expect(await found(await signed())).toBe('acme/d1');
});

test('when the issuer is changed or taken away, its tokens end at once', async () => {
  const token = await signed();
  await tokens.verify(token);
  issuers = [{ ...issuers[0]!, deviceClaim: 'sub' }];
  expect(tokens.find(token)).toBeUndefined();
  expect(await found(token)).toBeUndefined();
  issuers = [];
  expect(await found(token)).toBeUndefined();
});

test.each<[string, () => { readonly status: number; readonly body: string }]>([
  ['fails', () => ({ status: 500, body: '' })],
  ['redirects', () => ({ status: 302, body: '' })],
  ['answers something else', () => ({ status: 200, body: '<html>' })],
  ['has no keys in its answer', () => ({ status: 200, body: '{}' })],
])('a server that %s is said, left alone for a while, and asked again', async (_, behaviour) => {
  answer = behaviour;
  const token = await signed();
  await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'issuer_unavailable', retry: 'later' });
  await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'issuer_unavailable' });
  expect([asked, failures.length]).toEqual([1, 1]);
  answer = () => ({ status: 200, body: JSON.stringify(publicKeys) });
  nowMs += 5_000;
  expect(await found(token)).toBe('acme/d1');
});

test('tokens that are wrong do not make us ask the issuer again and again', async () => {
  for (let count = 0; count < 20; count += 1)
    expect(await found(await signed({}, foreign, `k${count}`))).toBeUndefined();
  expect(asked).toBe(1);
});

test('no text makes it throw', async () => {
  const part = fc.string({ maxLength: 30 }).map((text) => base64url.encode(text));
  const alike = fc.tuple(part, part, part).map((parts) => `ey${parts.join('.')}`);
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), alike), async (text) => {
      expect(await found(text)).toBeUndefined();
    }),
  );
});
