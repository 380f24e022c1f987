/** The MQTT connector against a Mosquitto of its own that asks for a password or a certificate, and over WebSocket. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testAddresses } from '@millrace/testkit';
import { testAuthority } from '@millrace/testkit/certificates';
import { connectAsync } from 'mqtt';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { Connection, ConnectionTls } from './connector.ts';
import { checkConnection } from './registry.ts';
import { fakePorts } from './testing/fake-ports.ts';
import { mqttConnection } from './testing/mqtt-connection.ts';
import { missingProgram, startMosquitto } from './testing/mosquitto.ts';

const patient = { timeout: 10_000, interval: 20 };

function open(rest: Partial<Connection> & { readonly url: string }) {
  const connection = mqttConnection({ clientId: `test-${randomUUID()}`, ...rest });
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  return checkConnection(connection).open(fakePorts(), ending.signal);
}

const noPasswords = missingProgram('mosquitto_passwd');

test.skipIf(noPasswords !== undefined).each([4, 5] as const)(
  `MQTT version %i: the right password is let in, also as a token, a wrong one is refused as such (skipped without Mosquitto's programs)`,
  async (protocolVersion) => {
    const broker = await startMosquitto((folder) => {
      execFileSync('mosquitto_passwd', ['-b', '-c', join(folder, 'passwords'), 'millrace', 'right']);
      return ['allow_anonymous false', `password_file ${join(folder, 'passwords')}`];
    });
    onTestFinished(() => broker.stop());
    const url = `mqtt://127.0.0.1:${broker.port}`;
    const right = open({ url, protocolVersion, username: 'millrace', password: 'right' });
    const wrong = open({ url, protocolVersion, username: 'millrace', password: 'wrong' });
    const token = open({ url, protocolVersion, username: 'millrace', token: 'right' });
    for (const one of [right, token]) await vi.waitFor(() => expect(one.state.phase).toBe('connected'), patient);
    await vi.waitFor(() => expect(wrong.state.phase).toBe('refused'), patient);
    expect(wrong.state.lastError).toMatchObject({
      code: 'broker_refused',
      detail: expect.stringMatching(/not authorized/i),
    });
  },
);

/** An authority in the broker's folder, and what a client needs of it. */
async function certificatesOf(folder: string): Promise<ConnectionTls> {
  const authority = await testAuthority('CN=Test authority');
  const server = await authority.issue({ subject: 'CN=localhost', names: [{ type: 'dns', value: 'localhost' }] });
  const client = await authority.issue({ subject: 'CN=millrace', use: 'client' });
  const files = { 'ca.crt': authority.certificate, 'server.crt': server.certificate, 'server.key': server.key };
  for (const [name, pem] of Object.entries(files)) writeFileSync(join(folder, name), pem);
  return { ca: authority.certificate, cert: client.certificate, key: client.key };
}

test('TLS: a client certificate is shown, and a broker of an unknown authority is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const tls = await certificatesOf(folder);
  const broker = await startMosquitto(() => [
    `cafile ${join(folder, 'ca.crt')}`,
    `certfile ${join(folder, 'server.crt')}`,
    `keyfile ${join(folder, 'server.key')}`,
    'require_certificate true',
    'use_identity_as_username true',
  ]);
  onTestFinished(() => broker.stop());
  const url = `mqtts://localhost:${broker.port}`;
  const trusted = open({ url, tls });
  const strange = open({ url, tls: { ...tls, ca: null } });
  const nobody = open({ url, tls: { ca: tls.ca, cert: null, key: null } });
  await vi.waitFor(() => expect(trusted.state.phase).toBe('connected'), patient);
  for (const refused of [strange, nobody])
    await vi.waitFor(() => expect(refused.state.lastError?.code).toBe('broker_unavailable'), patient);
  expect(strange.state.lastError?.detail).toMatch(/certificate/);
});

/** WebSockets before the common broker: the Mosquitto of the local stack has none of its own. */
async function webSocketBridge(server: HttpServer | HttpsServer): Promise<number> {
  const webSockets = new WebSocketServer({ server, path: '/mqtt', handleProtocols: () => 'mqtt' });
  const { hostname, port } = new URL(testAddresses.mqtt);
  webSockets.on('connection', (webSocket) => {
    const stream = createWebSocketStream(webSocket);
    stream.on('error', () => {});
    stream.pipe(connect(Number(port), hostname)).pipe(stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const client of webSockets.clients) client.terminate();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

test('WebSocket: messages come, are acknowledged and wait at the broker as over TCP', async () => {
  const port = await webSocketBridge(createHttpServer());
  const root = `test-${randomUUID()}`;
  const [ports, ending] = [fakePorts(), new AbortController()];
  const of = { topic: `${root}/d1`, filter: `${root}/+`, pattern: `${root}/{deviceUid}` };
  const connection = mqttConnection({
    url: `ws://127.0.0.1:${port}/mqtt`,
    clientId: root,
    sessionExpirySeconds: 60,
    subscriptions: [{ topicFilter: of.filter, qos: 1 }],
    deviceFrom: { kind: 'topic', pattern: of.pattern },
  });
  ports.sink.open = true;
  const publisher = await connectAsync(testAddresses.mqtt);
  onTestFinished(async () => {
    ending.abort();
    await publisher.endAsync();
  });
  // Larger than a frame's first length field, and than one read of a socket.
  const texts = ['small', 'x'.repeat(200_000)];
  const first = checkConnection(connection).open(ports, ending.signal);
  await vi.waitFor(() => expect(first.state.phase).toBe('connected'), patient);
  await vi.waitFor(async () => {
    await publisher.publishAsync(of.topic, 'subscribed', { qos: 1 });
    expect(ports.sink.taken.length).toBeGreaterThan(0);
  }, patient);
  for (const text of texts) await publisher.publishAsync(of.topic, text, { qos: 1 });
  await vi.waitFor(() => expect(ports.sink.payloads.slice(-2)).toEqual(texts), patient);
  await vi.waitFor(() => expect(first.state.unacknowledged).toBe(0), patient);
  await first.close(new AbortController().signal);
  expect(first.state).toMatchObject({ phase: 'closed', lastError: null });
  await publisher.publishAsync(of.topic, 'meanwhile', { qos: 1 });
  const second = checkConnection(connection).open(ports, ending.signal);
  await vi.waitFor(() => expect(ports.sink.payloads.at(-1)).toBe('meanwhile'), patient);
  expect(second.state.received).toBe(1);
});

test('WebSocket over TLS: the certificates are those of the connection', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const tls = await certificatesOf(folder);
  const pem = (name: string) => readFileSync(join(folder, name), 'utf8');
  const asked = { ca: pem('ca.crt'), requestCert: true, rejectUnauthorized: true };
  const port = await webSocketBridge(createHttpsServer({ cert: pem('server.crt'), key: pem('server.key'), ...asked }));
  const url = `wss://localhost:${port}/mqtt`;
  const trusted = open({ url, tls });
  const strange = open({ url, tls: { ...tls, ca: null } });
  const nobody = open({ url, tls: { ca: tls.ca, cert: null, key: null } });
  const lost = open({ url: `wss://localhost:${port}/elsewhere`, tls });
  await vi.waitFor(() => expect(trusted.state.phase).toBe('connected'), patient);
  for (const refused of [strange, nobody, lost])
    await vi.waitFor(() => expect(refused.state.lastError?.code).toBe('broker_unavailable'), patient);
  expect(lost.state.lastError?.detail).toContain('400');
});

test('a broker that is away is told by its address, and asked again', async () => {
  const session = open({ url: 'mqtt://127.0.0.1:1' });
  await vi.waitFor(() => expect(session.state.phase).toBe('waiting'), patient);
  expect(session.state.lastError).toMatchObject({
    code: 'broker_unavailable',
    detail: expect.stringContaining('127.0.0.1:1'),
  });
});
