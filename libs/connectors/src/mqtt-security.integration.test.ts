/** The MQTT connector against a Mosquitto of its own that asks for a password or a certificate, and over WebSocket. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { join } from 'node:path';
import { testAddresses } from '@millrace/testkit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { Connection } from './connector.ts';
import { checkConnection } from './registry.ts';
import { fakePorts } from './testing/fake-ports.ts';
import { missingProgram, startMosquitto } from './testing/mosquitto.ts';

const patient = { timeout: 10_000, interval: 20 };

function open(rest: Partial<Connection> & { readonly url: string }) {
  const connect = checkConnection({
    tenant: 'acme',
    connectionId: 'broker',
    kind: 'mqtt',
    clientId: `test-${Math.random()}`,
    protocolVersion: 5,
    keepaliveSeconds: 30,
    username: null,
    password: null,
    subscriptions: [{ topicFilter: 'test/+', qos: 1 }],
    deviceFrom: { kind: 'topic', pattern: 'test/{deviceUid}' },
    tls: null,
    modbus: null,
    ...rest,
  });
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  return connect(fakePorts(), ending.signal);
}

const noPasswords = missingProgram('mosquitto_passwd');

test.skipIf(noPasswords !== undefined).each([4, 5] as const)(
  `MQTT version %i: the right password is let in, a wrong one is refused as such (skipped without Mosquitto's programs)`,
  async (protocolVersion) => {
    const broker = await startMosquitto((folder) => {
      execFileSync('mosquitto_passwd', ['-b', '-c', join(folder, 'passwords'), 'millrace', 'right']);
      return ['allow_anonymous false', `password_file ${join(folder, 'passwords')}`];
    });
    onTestFinished(() => broker.stop());
    const url = `mqtt://127.0.0.1:${broker.port}`;
    const right = open({ url, protocolVersion, username: 'millrace', password: 'right' });
    const wrong = open({ url, protocolVersion, username: 'millrace', password: 'wrong' });
    await vi.waitFor(() => expect(right.state.phase).toBe('connected'), patient);
    await vi.waitFor(() => expect(wrong.state.phase).toBe('refused'), patient);
    expect(wrong.state.lastError).toMatchObject({
      code: 'broker_refused',
      detail: expect.stringMatching(/not authorized/i),
    });
  },
);

const noCertificates = missingProgram('openssl');

test.skipIf(noCertificates !== undefined)(
  'TLS: a client certificate is shown, and a broker of an unknown authority is refused (skipped without openssl)',
  async () => {
    const broker = await startMosquitto((folder) => {
      makeCertificates(folder);
      const file = (name: string) => join(folder, name);
      return [
        `cafile ${file('ca.crt')}`,
        `certfile ${file('server.crt')}`,
        `keyfile ${file('server.key')}`,
        'require_certificate true',
        'use_identity_as_username true',
      ];
    });
    onTestFinished(() => broker.stop());
    const pem = (name: string) => readFileSync(join(broker.folder, name), 'utf8');
    const url = `mqtts://localhost:${broker.port}`;
    const tls = { ca: pem('ca.crt'), cert: pem('client.crt'), key: pem('client.key') };
    const trusted = open({ url, tls });
    const strange = open({ url, tls: { ...tls, ca: null } });
    const nobody = open({ url, tls: { ca: tls.ca, cert: null, key: null } });
    await vi.waitFor(() => expect(trusted.state.phase).toBe('connected'), patient);
    for (const refused of [strange, nobody])
      await vi.waitFor(() => expect(refused.state.lastError?.code).toBe('broker_unavailable'), patient);
    expect(strange.state.lastError?.detail).toMatch(/certificate/);
  },
);

test('WebSocket: the session runs over ws:// as over TCP', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'mqtt' });
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const { hostname, port } = new URL(testAddresses.mqtt);
  server.on('connection', (webSocket) => {
    const stream = createWebSocketStream(webSocket);
    stream.on('error', () => {});
    stream.pipe(connect(Number(port), hostname)).pipe(stream);
  });
  await once(server, 'listening');
  const session = open({ url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` });
  await vi.waitFor(() => expect(session.state.phase).toBe('connected'), patient);
  await session.close(new AbortController().signal);
  expect(session.state).toMatchObject({ phase: 'closed', lastError: null });
});

test('a broker that is away is told by its address, and asked again', async () => {
  const session = open({ url: 'mqtt://127.0.0.1:1' });
  await vi.waitFor(() => expect(session.state.phase).toBe('waiting'), patient);
  expect(session.state.lastError).toMatchObject({
    code: 'broker_unavailable',
    detail: expect.stringContaining('127.0.0.1:1'),
  });
});

/** An authority, and a server's and a client's certificate of it. */
function makeCertificates(folder: string): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const issue = ['req', '-x509', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-addext', 'basicConstraints=critical,CA:FALSE'];
  const request = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...request, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=Test authority');
  for (const [name, subject] of [
    ['server', 'localhost'],
    ['client', 'millrace'],
  ] as const)
    openssl(...issue, ...request, ...nameOf(name, subject));
}

function nameOf(file: string, subject: string): readonly string[] {
  const alternative = `subjectAltName=DNS:${subject}`;
  return ['-keyout', `${file}.key`, '-out', `${file}.crt`, '-subj', `/CN=${subject}`, '-addext', alternative];
}
