import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { Agent } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { ManualClock } from '@millrace/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CountingHop } from './gateway.suite.ts';
import type { GatewayHandle, GatewayPorts } from './gateway.ts';
import { httpsGateway } from './https.gateway.ts';
import { tcpsGateway } from './tcps.gateway.ts';
import { AcmeAuthenticator, AcmeTokenDesk, deviceAuthorization } from './testing/acme-authenticator.ts';
import { HeldSink } from './testing/held-sink.ts';
import { post } from './testing/http-member.ts';
import { LineClient } from './testing/line-client.ts';
import { hello, receipt } from './testing/tcp-bench.ts';
import { TlsFiles } from './testing/tls-files.ts';
import { TlsIdentity, tlsLookMs } from './tls-identity.ts';

let files: TlsFiles;
let clock: ManualClock;
let ports: GatewayPorts;
let failures: unknown[];
let shown: (X509Certificate | undefined)[];
let https: GatewayHandle;
let tcps: GatewayHandle;

beforeEach(async () => {
  files = await TlsFiles.make();
  clock = new ManualClock();
  failures = [];
  shown = [];
  const acme = new AcmeAuthenticator();
  ports = {
    sink: new HeldSink(),
    authenticator: {
      prepare: () => undefined,
      authenticate(authorization, peer) {
        shown.push(peer);
        return acme.authenticate(authorization);
      },
    },
    tokens: new AcmeTokenDesk(),
    hop: new CountingHop(),
    clock,
    failed: (error) => failures.push(error),
  };
  https = await httpsGateway.start(httpsGateway.settings.parse({ port: 0, tls: files.settings }), ports);
  tcps = await tcpsGateway.start(tcpsGateway.settings.parse({ port: 0, tls: files.settings }), ports);
});

afterEach(async () => {
  await Promise.all([https.stop(), tcps.stop()]);
  files.remove();
});

const send = (client: { readonly cert?: string; readonly key?: string; readonly agent?: Agent } = {}) =>
  post(`${https.address}/v1/messages`, { authorization: deviceAuthorization }, 'x', {
    ca: files.authority.certificate,
    agent: false,
    ...client,
  });

test('says where it listens, and that it is TLS', () => {
  expect(https.address).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  expect(tcps.address).toMatch(/^tls:\/\/127\.0\.0\.1:\d+$/);
});

test('a client that shows a certificate is known by it, whoever has signed it; one that shows none is welcome', async () => {
  const { certificate: cert, key } = await files.authority.issue({ subject: 'CN=d1', use: 'client' });
  expect((await send({ cert, key })).status).toBe(200);
  expect((await send()).status).toBe(200);
  expect(shown.map((peer) => peer?.subject)).toEqual(['CN=d1', undefined]);
});

test('the certificate of a connection is one object, which is how it is remembered', async () => {
  const { certificate: cert, key } = await files.authority.issue({ subject: 'CN=d1', use: 'client' });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let count = 0; count < 2; count += 1) expect((await send({ cert, key, agent })).status).toBe(200);
  agent.destroy();
  expect(shown).toMatchObject([{ subject: 'CN=d1' }, { subject: 'CN=d1' }]);
  expect(new Set(shown).size).toBe(1);
  const client = await LineClient.connect(tcps.address, { tls: { ca: files.authority.certificate, cert, key } });
  client.write(`${hello}a\nb\n`);
  expect(await client.end()).toEqual(['OK', receipt(2), receipt(3)]);
  expect(shown.slice(2)).toMatchObject([{ subject: 'CN=d1' }, { subject: 'CN=d1' }, { subject: 'CN=d1' }]);
  expect(new Set(shown).size).toBe(2);
});

/** A listener that says good day, with nobody but its files on its clock. */
async function listenAlone() {
  const ownClock = new ManualClock();
  const identity = await TlsIdentity.read(files.settings);
  const server = createServer(identity.options, (socket) => socket.write('good day'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const following = identity.follow(server, ownClock, (error) => failures.push(error));
  return {
    async connect(): Promise<TLSSocket> {
      const socket = connect({ host: '127.0.0.1', port, ca: files.authority.certificate });
      await once(socket, 'secureConnect');
      return socket;
    },
    /** The files are looked at, and looked at again. */
    async lookTwice(): Promise<void> {
      for (let look = 0; look < 2; look += 1) {
        await ownClock.advance(tlsLookMs);
        await vi.waitFor(() => expect(ownClock.sleeping).toBe(1));
      }
    },
    async stop(): Promise<void> {
      identity.close();
      await following;
      server.close();
    },
  };
}

test('new files are shown to who comes then; who is there stays', async () => {
  const listener = await listenAlone();
  const early = await listener.connect();
  files.write(await files.newPair());
  await listener.lookTwice();
  const late = await listener.connect();
  expect(late.getPeerCertificate().serialNumber).not.toBe(early.getPeerCertificate().serialNumber);
  expect([early.closed, failures]).toEqual([false, []]);
  for (const socket of [early, late]) socket.destroy();
  await listener.stop();
});

test('a certificate without its key is not shown; the one before stays, and it is said once', async () => {
  const listener = await listenAlone();
  const before = await listener.connect();
  files.write({ certificate: (await files.newPair()).certificate });
  await listener.lookTwice();
  await listener.lookTwice();
  const after = await listener.connect();
  expect(after.getPeerCertificate().serialNumber).toBe(before.getPeerCertificate().serialNumber);
  expect(failures).toMatchObject([{ code: 'configuration_invalid' }]);
  const whole = await files.newPair();
  files.write(whole);
  await listener.lookTwice();
  const renewed = await listener.connect();
  expect(renewed.getPeerX509Certificate()?.toString().trim()).toBe(whole.certificate.trim());
  for (const socket of [before, after, renewed]) socket.destroy();
  await listener.stop();
});

test.each<[string, () => Promise<void>]>([
  ['a key of another certificate', async () => files.write({ key: (await files.newPair()).key })],
  ['no certificate', async () => files.write({ certificate: 'nothing' })],
  ['no file', async () => files.remove()],
])('does not start with %s', async (what, spoil) => {
  await spoil();
  const settings = httpsGateway.settings.parse({ port: 0, tls: files.settings });
  await expect(httpsGateway.start(settings, ports)).rejects.toMatchObject({ code: 'configuration_invalid' });
  if (what === 'no file') files = await TlsFiles.make();
});

test('what is not TLS is hung up on', async () => {
  const plain = await LineClient.connect(tcps.address.replace('tls:', 'tcp:'));
  plain.write(hello);
  expect((await plain.ended()).join()).not.toContain('OK');
  await expect(fetch(https.address.replace('https:', 'http:'))).rejects.toThrow();
});
