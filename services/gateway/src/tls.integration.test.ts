/** The listeners over TLS, with a certificate of a test's own authority. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { type TestAuthority, testAuthority } from '@millrace/testkit/certificates';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { GatewayBench } from './testing/gateway-bench.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-gateway-'));
let listeners: TestAuthority;
let bench: GatewayBench;

beforeAll(async () => {
  listeners = await testAuthority('CN=Listeners');
  const names = [{ type: 'ip', value: '127.0.0.1' }] as const;
  const { certificate, key } = await listeners.issue({ subject: 'CN=gateway', use: 'server', names });
  writeFileSync(join(folder, 'tls.crt'), certificate);
  writeFileSync(join(folder, 'tls.key'), key);
  bench = await GatewayBench.start(1, {
    MILLRACE_GATEWAY_HTTPS_PORT: '0',
    MILLRACE_GATEWAY_TCPS_PORT: '0',
    MILLRACE_GATEWAY_TLS_CERTIFICATE_FILE: join(folder, 'tls.crt'),
    MILLRACE_GATEWAY_TLS_KEY_FILE: join(folder, 'tls.key'),
  });
}, 60_000);

afterAll(async () => {
  await bench?.close();
  rmSync(folder, { recursive: true });
}, 30_000);

test('with a certificate it listens for TLS as well, and what comes there is in the raw topic and in the accounts', async () => {
  const [, , https = '', tcps = ''] = bench.addresses;
  expect([https, tcps].map((address) => new URL(address).protocol)).toEqual(['https:', 'tls:']);
  const ca = listeners.certificate;
  const headers = { authorization: bench.basic('d1') };
  const sent = request(`${https}/v1/messages`, { method: 'POST', ca, headers });
  sent.end('over HTTPS');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(200);
  response.resume();
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(tcps).port), ca });
  socket.end(`RAW ${bench.lineCredential('d1')}\nover lines\n`);
  expect(Buffer.concat((await socket.toArray()) as Buffer[]).toString()).toMatch(/^OK\nOK [0-9a-f]{32}\n$/);
  await vi.waitFor(() => {
    const payloads = bench.received.map(({ payload }) => payload.toString());
    expect(payloads).toEqual(expect.arrayContaining(['over HTTPS', 'over lines']));
  }, 20_000);
  for (const name of ['https', 'tcps']) expect(await bench.hop(name)).toMatchObject({ in: 1, out: 1, inFlight: 0 });
});
