import fc from 'fast-check';
import { expect, test } from 'vitest';
import { open, seal } from './sealed.ts';

const key = Buffer.alloc(32, 7);
const purpose = 'config.channels.v1/demo/mail/password';

test('what was sealed opens to the same bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (plain, anyPurpose) => {
      expect(new Uint8Array(open(key, seal(key, plain, anyPurpose), anyPurpose))).toEqual(plain);
    }),
  );
});

test('a single changed bit, wherever, keeps it closed', () => {
  const sealed = seal(key, Buffer.from('hunter2'), purpose);
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const changed = Buffer.from(sealed);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    expect(() => open(key, changed, purpose), `bit ${bit}`).toThrow('does not open');
  }
});

test('it does not open for another purpose or under another key', () => {
  const sealed = seal(key, Buffer.from('hunter2'), purpose);
  expect(() => open(key, sealed, 'config.channels.v1/other/mail/password')).toThrow('does not open');
  expect(() => open(Buffer.alloc(32, 8), sealed, purpose)).toThrow('does not open');
});

test('anything else than a sealed value is refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(() => open(key, bytes, purpose)).toThrow('does not open');
    }),
  );
});

test('sealing the same twice gives different bytes', () => {
  expect(seal(key, Buffer.from('same'), purpose)).not.toEqual(seal(key, Buffer.from('same'), purpose));
});
