/** docs/device-credentials.md: its commands, run one after the other against a gateway with such a device. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type GatewayHandle, httpsGateway } from '@millrace/gateways';
import { testAuthority } from '@millrace/testkit/certificates';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Acme, hasher } from './testing/acme.ts';

const page = readFileSync(new URL('../../../docs/device-credentials.md', import.meta.url), 'utf8');
const commands = page.split('\n').flatMap((line) => /^ {4}(curl .*)$/.exec(line)?.[1] ?? []);
const noCurl = spawnSync('curl', ['--version']).error !== undefined;

const folder = mkdtempSync(join(tmpdir(), 'millrace-credentials-'));
const key = 'c1.0123456789abcdef';
const variables: Record<string, string> = {
  CAFILE: 'gateway-ca.pem',
  DEVICE: 'demo/meter-1',
  PASSWORD: 'new:with/colon',
  DEVICE_KEY: key,
};
let gateway: GatewayHandle;

beforeAll(async () => {
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const listeners = await testAuthority('CN=Listeners');
  const names = [{ type: 'ip', value: '127.0.0.1' }] as const;
  const own = await listeners.issue({ subject: 'CN=gateway', use: 'server', names });
  write('gateway-ca.pem', listeners.certificate);
  write('tls.crt', own.certificate);
  write('tls.key', own.key);
  const devices = await testAuthority('CN=Devices');
  const ofDevice = await devices.issue({ subject: 'CN=meter-1', use: 'client' });
  write('device.crt', ofDevice.certificate);
  write('device.key', ofDevice.key);

  const acme = new Acme(Date.now());
  acme.setDevice({ tenant: 'demo', deviceUid: 'meter-1' });
  acme.trust('demo', devices.certificate);
  acme.setCredential({ tenant: 'demo', deviceUid: 'meter-1', kind: 'key', hash: hasher.hash(key) });
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys = { keys: [await exportJWK(publicKey)] };
  acme.published = async () => ({ status: 200, body: JSON.stringify(keys) });
  const issuer = 'https://idp.example.com/';
  const audience = 'https://ingest.example.com/demo';
  const trusted = { tenant: 'demo', issuerId: 'idp', issuer, audience, jwksUrl: `${issuer}keys`, deviceClaim: 'sub' };
  acme.configuration.apply('tokenIssuers', 'demo/idp', trusted);
  variables['ISSUER_TOKEN'] = await new SignJWT({ sub: 'meter-1', iss: issuer, aud: audience })
    .setProtectedHeader({ alg: 'ES256' })
    .setExpirationTime('5 minutes')
    .sign(privateKey);
  const tls = { certificateFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') };
  gateway = await httpsGateway.start(httpsGateway.settings.parse({ port: 0, tls }), {
    sink: {
      async accept(messages) {
        expect(messages).toMatchObject([{ tenant: 'demo', deviceUid: 'meter-1' }]);
        return [Buffer.alloc(16)];
      },
    },
    authenticator: acme.authenticator,
    tokens: acme.desk,
    hop: { in: () => {}, rejected: () => {} },
    clock: acme.clock,
    failed: (error) => expect.unreachable(String(error)),
  });
  variables['GATEWAY'] = gateway.address;
});

afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true });
});

test('the page has a command for each kind of credential', () => {
  for (const sign of [
    '-u "$DEVICE:$PASSWORD"',
    'v1/token',
    '$ACCESS_TOKEN',
    '$REFRESH_TOKEN',
    '$DEVICE_KEY',
    '--cert',
    '$ISSUER_TOKEN',
  ])
    expect(commands.filter((command) => command.includes(sign))).not.toEqual([]);
});

test.skipIf(noCurl)('each command of the page does what the page says (skipped without curl)', async () => {
  for (const command of commands) {
    const { stdout } = await promisify(execFile)('bash', ['-c', command], {
      cwd: folder,
      env: { ...variables, PATH: '/usr/bin:/bin:/usr/local/bin', no_proxy: '*' },
      timeout: 10_000,
    });
    const answer = JSON.parse(stdout) as Readonly<Record<string, string | undefined>>;
    if (!command.includes('/v1/token')) expect(answer, command).toEqual({ id: '0'.repeat(32) });
    else {
      expect(answer, command).toMatchObject({ token_type: 'Bearer', access_token: expect.any(String) });
      variables['ACCESS_TOKEN'] = answer['access_token'] ?? '';
      variables['REFRESH_TOKEN'] = answer['refresh_token'] ?? '';
    }
  }
});
