/**
 * Promise: a device comes from the secret of its product to an accepted message by itself, over each credential that it may choose, and
 * what is taken back opens nothing at the gateway. Api and gateway run as they do in an installation, on the common stack.
 */
import { sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyIdOf } from '@millrace/auth';
import { startService, type StartedService } from '@millrace/platform';
import { testAddresses } from '@millrace/testkit';
import { certificateRequest, type TestAuthority, testAuthority } from '@millrace/testkit/certificates';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ApiUnderTest } from '../../services/api/src/testing/api-under-test.ts';
import { gatewayDefinition } from '../../services/gateway/src/gateway-definition.ts';
import { GatewayHost } from '../../services/gateway/src/gateway-host.ts';

const api = new ApiUnderTest(['ingest', 'read', 'write', 'admin']);
const folder = mkdtempSync(join(tmpdir(), 'millrace-enrolment-'));
let listeners: TestAuthority;
let gateway: StartedService;

beforeAll(async () => {
  listeners = await testAuthority('CN=Listeners');
  const names = [{ type: 'ip', value: '127.0.0.1' }] as const;
  const { certificate, key } = await listeners.issue({ subject: 'CN=gateway', use: 'server', names });
  writeFileSync(join(folder, 'tls.crt'), certificate);
  writeFileSync(join(folder, 'tls.key'), key);
  await api.start();
  gateway = await startService(gatewayDefinition, {
    variables: {
      MILLRACE_KAFKA_BROKERS: testAddresses.kafka,
      MILLRACE_REGISTRY_URL: testAddresses.registry,
      MILLRACE_HTTP_PORT: '0',
      MILLRACE_GATEWAY_HTTP_PORT: '0',
      MILLRACE_GATEWAY_HTTPS_PORT: '0',
      MILLRACE_GATEWAY_TLS_CERTIFICATE_FILE: join(folder, 'tls.crt'),
      MILLRACE_GATEWAY_TLS_KEY_FILE: join(folder, 'tls.key'),
      MILLRACE_INSTANCE: `gateway-${api.tenant}`,
      MILLRACE_SECRET_KEY: api.secretKey,
      MILLRACE_LOG_LEVEL: 'error',
    },
    onCrash: (error) => expect.unreachable(String(error)),
    signal: AbortSignal.timeout(50_000),
  });
}, 90_000);

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await gateway.app.close();
  await api.close();
}, 30_000);

type Json = Readonly<Record<string, unknown>>;

async function ask(method: string, path: string, body?: unknown, authorization = `Bearer ${api.key}`): Promise<Json> {
  const response = await api.send(method, path, body, { authorization });
  const text = await response.text();
  expect(response.ok, `${path}: ${text}`).toBe(true);
  return text === '' ? {} : (JSON.parse(text) as Json);
}

interface Shown {
  readonly certificate: string;
  readonly key: string;
}

/** `200`, or the code of the refusal. */
async function sent(authorization: string, shown?: Shown): Promise<unknown> {
  const https = gateway.app.get(GatewayHost).addresses.find((address) => address.startsWith('https:'))!;
  const sending = httpsRequest(`${https}/v1/messages`, {
    method: 'POST',
    agent: false,
    ca: listeners.certificate,
    headers: { authorization },
    ...(shown && { cert: shown.certificate, key: shown.key }),
  });
  sending.end('{"t": 21.5}');
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  const text = Buffer.concat((await response.toArray()) as Buffer[]).toString();
  return response.statusCode === 200 ? 200 : (JSON.parse(text) as Json)['code'];
}

async function becomes(outcome: unknown, authorization: string, shown?: Shown): Promise<void> {
  await vi.waitFor(async () => expect(await sent(authorization, shown)).toBe(outcome), 10_000);
}

const basic = (uid: string, password = ''): string => `Basic ${btoa(`${api.tenant}/${uid}:${password}`)}`;

async function registered(deviceUid: string, credential: Json): Promise<Readonly<Record<string, string>>> {
  const { secret } = await ask('POST', '/v1/registration-secrets', { productId: 'pump', approval: false });
  const request = { deviceUid, claim: deviceUid.padEnd(32, '-'), credential };
  const answer = await ask('POST', '/v1/registrations', request, `Bearer ${secret as string}`);
  return answer['credential'] as Readonly<Record<string, string>>;
}

test('a device that registered itself sends with the key, the password or the certificate that it chose', async () => {
  const { key } = await registered('r1', { kind: 'key' });
  const { username, password } = await registered('r2', { kind: 'password' });
  const own = await certificateRequest();
  await ask('POST', '/v1/certificate-authorities/built-in', {});
  const { certificate } = await registered('r3', { kind: 'certificate', request: own.request });
  const shown = { certificate: certificate!, key: own.key };
  await becomes(200, `Bearer ${key}`);
  await becomes(200, `Basic ${btoa(`${username}:${password}`)}`);
  await becomes(200, basic('r3'), shown);
  expect(await sent(basic('r1'), shown)).toBe('unauthenticated');
});

test('a revoked certificate is refused within a second, its renewed one is not', { timeout: 20_000 }, async () => {
  const { certificate, privateKey, serialNumber } = await ask('POST', '/v1/devices/d1/certificates', {});
  const first = { certificate: certificate as string, key: privateKey as string };
  await becomes(200, basic('d1'), first);
  const next = await certificateRequest();
  const signature = sign('sha256', Buffer.from(next.request), first.key).toString('base64');
  const renewed = await ask('POST', '/v1/certificate-renewals', { request: next.request, signature }, basic('d1'));
  const second = { certificate: renewed['certificate'] as string, key: next.key };
  expect(await sent(basic('d1'), second)).toBe(200);
  await ask('DELETE', `/v1/devices/d1/certificates/${serialNumber as string}`);
  await vi.waitFor(async () => expect(await sent(basic('d1'), first)).toBe('unauthenticated'), 1_000);
  expect(await sent(basic('d1'), second)).toBe(200);
});

test('of two passwords both open until the old one is removed', async () => {
  const made = async (): Promise<string> => (await ask('POST', '/v1/devices/d2/password'))['password'] as string;
  const [old, next] = [await made(), await made()];
  await becomes(200, basic('d2', next));
  expect(await sent(basic('d2', old))).toBe(200);
  await ask('DELETE', '/v1/devices/d2/password/old');
  await becomes('unauthenticated', basic('d2', old));
  expect(await sent(basic('d2', next))).toBe(200);
});

test('a key of a program that was rotated sends by both secrets until the overlap is over', async () => {
  const { key } = await ask('POST', '/v1/api-keys', { scopes: ['ingest'] });
  const old = key as string;
  await becomes('not_allowed', `Bearer ${old}`);
  const rotated = await ask('POST', `/v1/api-keys/${keyIdOf(old)}/rotate`, { overlapSeconds: 2 });
  await becomes('not_allowed', `Bearer ${rotated['key'] as string}`);
  await becomes('unauthenticated', `Bearer ${old}`);
  expect(await sent(`Bearer ${rotated['key'] as string}`)).toBe('not_allowed');
});
