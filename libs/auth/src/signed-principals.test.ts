import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Principal, principalMsMax, PrincipalReader, PrincipalSigner } from './signed-principals.ts';
import { SecretKey } from './secret-key.ts';

const key = new SecretKey(randomBytes(32));
const signer = new PrincipalSigner(key);
const principal: Principal = { tenant: 'acme', keyId: 'k1', scopes: ['read', 'write'], by: 'api-1', to: 'manager-1' };
const request = { method: 'PUT', path: '/v1/connections/plant?x=1', body: { kind: 'mqtt', qos: [1, 2] } };
const nowMs = 1_800_000_000_000;

const readerOf = (instance = 'manager-1', of = key): PrincipalReader => new PrincipalReader(of, instance);
const signed = signer.sign(principal, request, nowMs);

test('what was signed is read where it was meant for', () => {
  expect(readerOf().read(signed, request, nowMs + 10)).toEqual(principal);
});

test('a body that was written in another way is the same', () => {
  const spaced = JSON.parse(`{ "kind" : "mqtt",\n "qos": [1.0, 2e0] }`) as unknown;
  expect(readerOf().read(signed, { ...request, body: spaced }, nowMs)).toEqual(principal);
});

test('one that names no instance is read by any', () => {
  const open = { ...principal, to: null };
  expect(readerOf('manager-7').read(signer.sign(open, request, nowMs), request, nowMs)).toEqual(open);
});

test.each([
  ['another method', { ...request, method: 'DELETE' }],
  ['another path', { ...request, path: '/v1/connections/other?x=1' }],
  ['another query', { ...request, path: '/v1/connections/plant?x=2' }],
  ['no query', { ...request, path: '/v1/connections/plant' }],
  ['another body', { ...request, body: { kind: 'mqtt', qos: [1, 3] } }],
  ['no body', { ...request, body: undefined }],
])('%s is refused', (_, other) => {
  expect(readerOf().read(signed, other, nowMs)).toBeUndefined();
});

test('another instance, another key and one that was seen are refused', () => {
  expect(readerOf('manager-2').read(signed, request, nowMs)).toBeUndefined();
  expect(readerOf('manager-1', new SecretKey(randomBytes(32))).read(signed, request, nowMs)).toBeUndefined();
  const reader = readerOf();
  expect(reader.read(signed, request, nowMs)).toEqual(principal);
  expect(reader.read(signed, request, nowMs + 1)).toBeUndefined();
  expect(reader.read(signed, request, nowMs + principalMsMax)).toBeUndefined();
});

test('it is good for half a minute, and clocks may differ by some seconds', () => {
  expect(readerOf().read(signed, request, nowMs + principalMsMax)).toEqual(principal);
  expect(readerOf().read(signed, request, nowMs + principalMsMax + 1)).toBeUndefined();
  expect(readerOf().read(signed, request, nowMs - 5_000)).toEqual(principal);
  expect(readerOf().read(signed, request, nowMs - 5_001)).toBeUndefined();
});

test('one that comes from a clock ahead is not read twice when its time seems over', () => {
  const reader = readerOf();
  const ahead = signer.sign(principal, request, nowMs + 5_000);
  expect(reader.read(ahead, request, nowMs)).toEqual(principal);
  expect(reader.read(ahead, request, nowMs + principalMsMax + 5_000 - 1)).toBeUndefined();
  expect(reader.read(ahead, request, nowMs + principalMsMax + 5_000)).toBeUndefined();
});

test('other claims under the same tag, and text that is none, are refused', () => {
  const [version = '', claims = '', tag = ''] = signed.split('.');
  const changed = { ...(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object), scopes: ['platform'] };
  const forged = Buffer.from(JSON.stringify(changed)).toString('base64url');
  const texts = [
    `${version}.${forged}.${tag}`,
    `2.${claims}.${tag}`,
    `1.${claims}.`,
    `1.${claims}`,
    '',
    'x'.repeat(9_000),
  ];
  for (const text of texts) expect(readerOf().read(text, request, nowMs), text.slice(0, 20)).toBeUndefined();
});

test('a flip of any bit is refused', () => {
  for (let index = 0; index < signed.length; index += 1) {
    const other = signed[index] === 'A' ? 'B' : 'A';
    const text = signed.slice(0, index) + other + signed.slice(index + 1);
    // The last character of 43 holds two bits that mean nothing.
    if (index === signed.length - 1 || text === signed) continue;
    expect(readerOf().read(text, request, nowMs), String(index)).toBeUndefined();
  }
});
