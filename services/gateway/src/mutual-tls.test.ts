/** Real handshakes with real certificates: who gets in, over HTTPS and over lines. */
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { type IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { createAuthority, issueWithKey } from '@millrace/auth/certificate-authority';
import { certificateHash, type MessageSink, type ReceivedMessage } from '@millrace/contracts';
import { type GatewayHandle, type GatewayPorts, httpsGateway, tcpsGateway } from '@millrace/gateways';
import {
  type CertificateAndKey,
  type CertificateWish,
  type TestAuthority,
  testAuthority,
} from '@millrace/testkit/certificates';
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from 'vitest';
import { Acme } from './testing/acme.ts';

const hourMs = 3_600_000;
const folder = mkdtempSync(join(tmpdir(), 'millrace-mutual-tls-'));
const tls = { certificateFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') };
let listeners: TestAuthority;
let ofAcme: TestAuthority;
let ofOther: TestAuthority;
let stranger: TestAuthority;

beforeAll(async () => {
  [listeners, ofAcme, ofOther, stranger] = (await Promise.all(
    ['CN=Listeners', 'CN=Devices', 'CN=Devices of another tenant', 'CN=Devices'].map((name) => testAuthority(name)),
  )) as [TestAuthority, TestAuthority, TestAuthority, TestAuthority];
  const names = [{ type: 'ip', value: '127.0.0.1' }] as const;
  const { certificate, key } = await listeners.issue({ subject: 'CN=gateway', use: 'server', names });
  writeFileSync(tls.certificateFile, certificate);
  writeFileSync(tls.keyFile, key);
});

afterAll(() => rmSync(folder, { recursive: true }));

let acme: Acme;
let taken: ReceivedMessage[];
let https: GatewayHandle;
let tcps: GatewayHandle;

beforeEach(async () => {
  acme = new Acme(Date.now());
  acme.trust('acme', ofAcme.certificate, { revokedSerials: ['0BAD'] });
  acme.trust('other', ofOther.certificate);
  taken = [];
  const sink: MessageSink = {
    async accept(messages) {
      taken.push(...messages);
      return messages.map(() => Buffer.alloc(16));
    },
  };
  const ports: GatewayPorts = {
    sink,
    authenticator: acme.authenticator,
    tokens: acme.desk,
    hop: { in: () => {}, rejected: () => {} },
    clock: acme.clock,
    failed: (error) => expect.unreachable(String(error)),
  };
  https = await httpsGateway.start(httpsGateway.settings.parse({ port: 0, tls }), ports);
  tcps = await tcpsGateway.start(tcpsGateway.settings.parse({ port: 0, tls }), ports);
});

afterEach(() => Promise.all([https.stop(), tcps.stop()]));

type Shown = CertificateAndKey | undefined;
const tlsOf = (shown: Shown) => ({
  ca: listeners.certificate,
  ...(shown && { cert: shown.certificate, key: shown.key }),
});

/** `200`, or the code of the refusal. */
async function overHttps(user: string, shown: Shown, agent = new Agent({ maxSockets: 1 })): Promise<string> {
  const headers = { authorization: `Basic ${btoa(`${user}:`)}` };
  const sent = request(`${https.address}/v1/messages`, { method: 'POST', headers, agent, ...tlsOf(shown) });
  sent.end('x');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const body = JSON.parse(Buffer.concat((await response.toArray()) as Buffer[]).toString()) as { code?: string };
  return body.code ?? String(response.statusCode);
}

/** `OK`, or the code of the refusal. */
async function overLines(user: string, shown: Shown): Promise<string> {
  const { port } = new URL(tcps.address);
  const socket = connect({ host: '127.0.0.1', port: Number(port), ...tlsOf(shown) });
  socket.end(`RAW ${user}:\nx\n`);
  const [first = '', ...rest] = Buffer.concat((await socket.toArray()) as Buffer[])
    .toString()
    .trim()
    .split('\n');
  return first === 'OK' ? (rest[0] ?? '').slice(0, 2) : (first.split(' ')[1] ?? '');
}

test('a certificate of the tenant\u2019s authority sends for the device in it, which may be named or not', async () => {
  const shown = await ofAcme.issue({ subject: 'CN=d1' });
  for (const user of ['acme/d1', 'acme']) {
    expect(await overHttps(user, shown)).toBe('200');
    expect(await overLines(user, shown)).toBe('OK');
  }
  expect(taken.map(({ tenant, deviceUid }) => `${tenant}/${deviceUid}`)).toEqual(Array(4).fill('acme/d1'));
});

const past = { notBefore: new Date(Date.now() - 2 * hourMs), notAfter: new Date(Date.now() - hourMs) };
const issuers = { acme: () => ofAcme, other: () => ofOther, stranger: () => stranger };

test.each<[string, string, keyof typeof issuers, CertificateWish, string]>([
  ['has expired', 'acme/d1', 'acme', past, 'unauthenticated'],
  ['is revoked', 'acme/d1', 'acme', { serialNumber: '0bad' }, 'unauthenticated'],
  ['is for servers', 'acme/d1', 'acme', { use: 'server' }, 'unauthenticated'],
  ['is of an authority that nobody trusts, though it has the same name', 'acme/d1', 'stranger', {}, 'unauthenticated'],
  ['is of the authority of another tenant', 'acme/d1', 'other', {}, 'unauthenticated'],
  ['is of the own authority, for another tenant', 'other/d1', 'acme', {}, 'unauthenticated'],
  ['names another device', 'acme/d2', 'acme', {}, 'unauthenticated'],
  ['names a device that is not there', 'acme', 'acme', { subject: 'CN=absent' }, 'unauthenticated'],
  ['names a disabled device', 'acme', 'acme', { subject: 'CN=off' }, 'device_disabled'],
])('a certificate that %s is refused', async (_, user, issuer, wish, code) => {
  const shown = await issuers[issuer]().issue({ subject: 'CN=d1', ...wish });
  expect(await overHttps(user, shown)).toBe(code);
  expect(await overLines(user, shown)).toBe(code);
  expect(taken).toEqual([]);
});

test('without a certificate an empty password is nothing', async () => {
  for (const user of ['acme/d1', 'acme']) {
    expect(await overHttps(user, undefined)).toBe('unauthenticated');
    expect(await overLines(user, undefined)).toBe('unauthenticated');
  }
});

test('a pinned certificate needs no authority, for its device alone, while it is pinned and valid', async () => {
  const shown = await testAuthority('CN=whatever', { ca: false });
  const hash = certificateHash(new X509Certificate(shown.certificate));
  expect(await overHttps('acme/d2', shown)).toBe('unauthenticated');
  acme.setCredential({ kind: 'certificate', deviceUid: 'd2', hash });
  expect(await overHttps('acme/d2', shown)).toBe('200');
  expect(await overLines('acme/d2', shown)).toBe('OK');
  expect(await overHttps('acme/d1', shown)).toBe('unauthenticated');
  expect(await overHttps('acme', shown)).toBe('unauthenticated');
  expect(await overHttps('acme/d2', await testAuthority('CN=whatever', { ca: false }))).toBe('unauthenticated');
  acme.setCredential({ kind: 'certificate', deviceUid: 'd2', hash, expiresAtMicros: 1 });
  expect(await overHttps('acme/d2', shown)).toBe('unauthenticated');
  const expired = await testAuthority('CN=whatever', { ca: false, ...past });
  acme.setCredential({
    kind: 'certificate',
    deviceUid: 'd2',
    hash: certificateHash(new X509Certificate(expired.certificate)),
  });
  expect(await overHttps('acme/d2', expired)).toBe('unauthenticated');
});

test('what is revoked, or ends, ends on connections that are open, too', async () => {
  const shown = await ofAcme.issue({ subject: 'CN=d1', notAfter: new Date(Date.now() + hourMs / 2) });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect(await overHttps('acme/d1', shown, agent)).toBe('200');
  const { serialNumber } = new X509Certificate(shown.certificate);
  acme.trust('acme', ofAcme.certificate, { revokedSerials: [serialNumber] });
  expect(await overHttps('acme/d1', shown, agent)).toBe('unauthenticated');
  acme.trust('acme', ofAcme.certificate);
  expect(await overHttps('acme/d1', shown, agent)).toBe('200');
  await acme.clock.advance(hourMs / 2 + 60_000);
  expect(await overHttps('acme/d1', shown, agent)).toBe('unauthenticated');
  agent.destroy();
});

test('on one connection each request speaks for itself', async () => {
  const shown = await ofAcme.issue({ subject: 'CN=d1' });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect(await overHttps('acme', shown, agent)).toBe('200');
  expect(await overHttps('acme/d2', shown, agent)).toBe('unauthenticated');
  expect(await overHttps('other', shown, agent)).toBe('unauthenticated');
  expect(await overHttps('acme/d1', shown, agent)).toBe('200');
  expect(await overHttps('acme/d1', undefined)).toBe('unauthenticated');
  agent.destroy();
});

test('a session that is taken up again keeps its certificate, and what is revoked meanwhile stays out', async () => {
  const shown = await ofAcme.issue({ subject: 'CN=d1' });
  const { port } = new URL(tcps.address);
  const options = { host: '127.0.0.1', port: Number(port), ...tlsOf(shown) };
  const reused: boolean[] = [];
  const answers = async (session?: Buffer): Promise<string> => {
    const socket = connect({ ...options, ...(session && { session }) });
    socket.on('session', (ticket: Buffer) => (last = ticket));
    socket.once('secureConnect', () => reused.push(socket.isSessionReused()));
    socket.end('RAW acme/d1:\nx\n');
    return Buffer.concat((await socket.toArray()) as Buffer[]).toString();
  };
  let last: Buffer | undefined;
  expect(await answers()).toContain('OK');
  expect(await answers(last)).toContain('OK');
  acme.trust('acme', ofAcme.certificate, { revokedSerials: [new X509Certificate(shown.certificate).serialNumber] });
  expect(await answers(last)).toContain('ERR unauthenticated');
  expect(reused).toEqual([false, true, true]);
});

test('an authority of our own makes certificates that get in', async () => {
  const authority = await createAuthority('acme', Date.now());
  const { certificate, privateKey: key } = await issueWithKey(authority, { deviceUid: 'd2', nowMs: Date.now() });
  expect(await overHttps('acme', { certificate, key })).toBe('unauthenticated');
  acme.trust('acme', authority.certificate);
  expect(await overHttps('acme', { certificate, key })).toBe('200');
  expect(await overLines('acme/d2', { certificate, key })).toBe('OK');
  expect(taken.map(({ deviceUid }) => deviceUid)).toEqual(['d2', 'd2']);
});
