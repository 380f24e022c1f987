import { anyDevice } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { type EntityFile, entityKinds } from './entities.ts';
import { publishedForm } from './published-form.ts';
import type { SecretKeeper } from './secret-keeper.ts';
import { noFiles } from './testing/no-files.ts';

const secrets: SecretKeeper = {
  hash: (secret) => `hash of ${secret}`,
  seal: (secret, purpose, published) =>
    published?.toString() === `${secret} for ${purpose}` ? published : Buffer.from(`${secret} for ${purpose}`),
};

const script = {
  tenant: 'acme',
  scriptId: 'pump',
  version: 1,
  language: 'javascript' as const,
  file: 'scripts/pump.js',
  source: 'old',
  samples: [],
};

const publishedScript = { tenant: 'acme', scriptId: 'pump', version: 7, language: 'javascript', source: 'old' };

test.each([
  ['is new', { version: 1 }, undefined, 1],
  ['is unchanged', { version: 1 }, publishedScript, 7],
  ['has other text', { source: 'new' }, publishedScript, 8],
  ['asks for a higher version', { version: 9 }, publishedScript, 9],
])('a script that %s gets its version', (_, rest, published, version) => {
  const before = new Map(published ? [['acme/pump', published]] : []);
  const forms = publishedForm('scripts', { ...noFiles, scripts: [{ ...script, ...rest }] }, before, secrets);
  expect(forms.get('acme/pump')?.version).toBe(version);
  expect(forms.get('acme/pump')).not.toHaveProperty('file');
});

test('passwords and keys leave the folder as hashes only', () => {
  const device = { ...anyDevice('acme', 'pump-1', { passwordHashes: ['given'] }), passwords: ['water-1234'] };
  const apiKey = {
    tenant: 'acme',
    keyId: 'k',
    key: 'k.water-1234',
    scopes: ['read' as const],
    expiresAt: '2030-01-01T00:00:00Z',
    previousHash: 'given',
    previousUntil: '2029-01-01T00:00:00Z',
  };
  const files = { ...noFiles, devices: [device], apiKeys: [apiKey] };
  const { passwords, ...withoutPasswords } = device;
  expect(publishedForm('devices', files, new Map(), secrets).get('acme/pump-1')).toEqual({
    ...withoutPasswords,
    passwordHashes: ['given', `hash of ${passwords[0]}`],
  });
  expect(publishedForm('apiKeys', files, new Map(), secrets).get('k')).toEqual({
    tenant: 'acme',
    keyId: 'k',
    hash: 'hash of k.water-1234',
    scopes: ['read'],
    expiresAtMicros: 1_893_456_000_000_000,
    previousHash: 'given',
    previousUntilMicros: 1_861_920_000_000_000,
  });
});

test('the secrets of a connection are sealed apart, and stay the same bytes while they stay the same', () => {
  const tls = { ca: 'CA', cert: 'CERT', key: 'KEY' };
  const file = { tenant: 'acme', connectionId: 'broker', kind: 'mqtt', url: 'mqtts://127.0.0.1', clientId: 'c' };
  const rest = { subscriptions: [{ topicFilter: '#' }], deviceFrom: { kind: 'topic', pattern: 'up/{deviceUid}' } };
  const parsed = entityKinds.connections.file.parse({ ...file, ...rest }) as EntityFile<'connections'>;
  const connection = { ...parsed, password: 'secret', token: 'T', tls } as EntityFile<'connections'>;
  const files = { ...noFiles, connections: [connection] };
  const first = publishedForm('connections', files, new Map(), secrets);
  const published = first.get('acme/broker');
  expect(published).not.toHaveProperty('password');
  expect(published).not.toHaveProperty('token');
  expect(published?.tls).not.toHaveProperty('key');
  expect(published?.passwordSealed?.toString()).toBe('secret for connection acme/broker password');
  expect(published?.tokenSealed?.toString()).toBe('T for connection acme/broker token');
  expect(published?.tls?.keySealed?.toString()).toBe('KEY for connection acme/broker key');
  const again = publishedForm('connections', files, first, secrets).get('acme/broker');
  expect(again?.passwordSealed).toBe(published?.passwordSealed);
  expect(again?.tokenSealed).toBe(published?.tokenSealed);
  expect(again?.tls?.keySealed).toBe(published?.tls?.keySealed);
});

test("a channel's secrets are sealed together, and stay the same bytes while they stay the same", () => {
  const channel = { tenant: 'acme', channelId: 'group', kind: 'dingtalk', settings: {}, secrets: { secret: 'SEC' } };
  const plain = { tenant: 'acme', channelId: 'mail', kind: 'email', settings: {}, secrets: {} };
  const files = { ...noFiles, channels: [channel, plain] };
  const first = publishedForm('channels', files, new Map(), secrets);
  expect(first.get('acme/group')).not.toHaveProperty('secrets');
  const sealed = first.get('acme/group')?.secretsSealed;
  expect(sealed?.toString()).toBe('{"secret":"SEC"} for channel acme/group secrets');
  expect(first.get('acme/mail')?.secretsSealed).toBeNull();
  const second = publishedForm('channels', files, first, secrets);
  expect(second.get('acme/group')?.secretsSealed).toBe(sealed);
});
