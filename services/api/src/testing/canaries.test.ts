import { expect, test } from 'vitest';
import { Canaries } from './canaries.ts';

const canaries = new Canaries('abc123');
const secret = canaries.make('way');

test.each([
  ['as it is', (bytes: Buffer) => bytes.toString('latin1')],
  ['in hex', (bytes: Buffer) => bytes.toString('hex')],
  ['in base64', (bytes: Buffer) => bytes.toString('base64')],
  ['in base64 of addresses', (bytes: Buffer) => bytes.toString('base64url')],
])('a canary is found %s, wherever it begins', (_, shown) => {
  for (const before of ['', 'x', 'xy', 'xyz', '{"a":"'])
    expect(canaries.foundIn(shown(Buffer.from(`${before}${secret}"}`)))).toEqual(['way']);
  expect(canaries.foundIn(shown(Buffer.from('canaryabc124n0x')))).toEqual([]);
});
