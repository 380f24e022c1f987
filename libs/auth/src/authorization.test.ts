import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAuthorization } from './authorization.ts';

const basic = (text: string | Buffer): string => `Basic ${Buffer.from(text as string).toString('base64')}`;

test('Basic carries tenant, device and password', () => {
  expect(parseAuthorization(basic('demo/meter-1:s3cret'))).toEqual({
    kind: 'basic',
    tenant: 'demo',
    deviceUid: 'meter-1',
    password: 's3cret',
  });
});

test('Bearer carries a key', () => {
  expect(parseAuthorization('Bearer abc.def-_')).toEqual({ kind: 'bearer', token: 'abc.def-_' });
});

test('without a password the certificate of the connection is the proof, for the device that is named or that it names', () => {
  expect(parseAuthorization(basic('demo/d1:'))).toEqual({ kind: 'certificate', tenant: 'demo', deviceUid: 'd1' });
  expect(parseAuthorization(basic('demo:'))).toEqual({ kind: 'certificate', tenant: 'demo', deviceUid: null });
});

test.each(['bearer abc', 'BEARER  abc', 'Bearer abc '])('the scheme is known in "%s"', (header) => {
  expect(parseAuthorization(header)).toEqual({ kind: 'bearer', token: 'abc' });
});

test('a password may hold colons, slashes and any letter', () => {
  expect(parseAuthorization(basic('demo/d1:a:b/ü€'))).toMatchObject({ password: 'a:b/ü€' });
});

test.each([
  ['nothing', undefined],
  ['an empty header', ''],
  ['another scheme', 'Digest abc'],
  ['no credentials', 'Basic'],
  ['no base64', 'Basic *'],
  ['two tokens', 'Bearer abc def'],
  ['no colon', basic('demo/d1')],
  ['no tenant', basic('d1:password')],
  ['a tenant of capitals', basic('Demo/d1:password')],
  ['a third part', basic('demo/d1/x:password')],
  ['a device with a space', basic('demo/d 1:password')],
  ['a certificate of a device without a name', basic('demo/:')],
  ['a certificate of no tenant', basic(':')],
  ['bytes that are no UTF-8', basic(Buffer.from('demo/d1:\xff', 'latin1'))],
  ['a byte order mark', basic('\uFEFFdemo/d1:password')],
  ['an endless token', `Bearer ${'a'.repeat(5_000)}`],
])('%s is no authorization', (_what, header) => {
  expect(parseAuthorization(header)).toBeUndefined();
});

test('every tenant, device and password comes out as it went in', () => {
  const tenant = fc.stringMatching(/^[a-z][a-z0-9_]{1,31}$/);
  const deviceUid = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/);
  const password = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 }).filter((text) => text.isWellFormed());
  fc.assert(
    fc.property(tenant, deviceUid, password, (...parts) => {
      const [tenantPart, devicePart, passwordPart] = parts;
      expect(parseAuthorization(basic(`${tenantPart}/${devicePart}:${passwordPart}`))).toEqual({
        kind: 'basic',
        tenant: tenantPart,
        deviceUid: devicePart,
        password: passwordPart,
      });
    }),
  );
});

test('no header makes it throw', () => {
  const header = fc.oneof(
    fc.string(),
    fc.string().map((text) => basic(text)),
    fc.string().map((text) => `Bearer ${text}`),
  );
  fc.assert(fc.property(header, (text) => void parseAuthorization(text)));
});
