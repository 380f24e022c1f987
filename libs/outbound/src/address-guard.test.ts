import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPublic } from './address-guard.ts';

test.each([
  ['the loopback', '127.0.0.1'],
  ['the loopback of IPv6', '::1'],
  ['no address', '0.0.0.0'],
  ['a private network', '10.1.2.3'],
  ['a private network', '172.31.255.255'],
  ['a private network', '192.168.1.1'],
  ['a private network of IPv6', 'fd00::1'],
  ["a cloud's metadata", '169.254.169.254'],
  ['link-local', 'fe80::1'],
  ['a carrier', '100.64.0.1'],
  ['multicast', '224.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['the loopback, mapped', '::ffff:127.0.0.1'],
  ['the loopback, translated', '64:ff9b::7f00:1'],
  ['the loopback, by 6to4', '2002:7f00:1::'],
  ['the loopback, by Teredo', '2001:0:7f00:1::'],
  ['documentation', '2001:db8::1'],
  ['a name', 'example.com'],
])('%s is not public: %s', (_, address) => {
  expect(isPublic(address)).toBe(false);
});

test.each([['8.8.8.8'], ['172.32.0.1'], ['2400:3200::1'], ['2606:4700::1111']])('%s is public', (address) => {
  expect(isPublic(address)).toBe(true);
});

test('an IPv4 address is public exactly when it is so inside of no form of IPv6', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      expect(isPublic(`::ffff:${address}`)).toBe(false);
      expect(isPublic(`64:ff9b::${address}`)).toBe(false);
    }),
  );
});
