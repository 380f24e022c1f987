import { expect, test } from 'vitest';
import { murmur2, partitionOf } from './partition-of.ts';

/** From Kafka's own `UtilsTest.testMurmur2`. */
const golden: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

test.each(golden)("the hash of '%s' is the one of Kafka's Java client", (key, hash) => {
  expect(murmur2(key)).toBe(hash);
});

test('a key that is not ASCII is hashed by its UTF-8 bytes', () => {
  expect(murmur2('€')).toBe(murmur2Bytes(Buffer.from('€')));
  expect(murmur2('größe/gerät-1')).toBe(murmur2Bytes(Buffer.from('größe/gerät-1')));
});

test('the partition is within the topic', () => {
  const partitions = new Set(Array.from({ length: 1000 }, (_, index) => partitionOf(`demo/device-${index}`, 12)));
  expect([...partitions].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

/** Straight from the Java source, on bytes, as a second opinion. */
function murmur2Bytes(bytes: Buffer): number {
  const m = 0x5bd1e995;
  let h = 0x9747b28c ^ bytes.length;
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    let k = Math.imul(bytes.readInt32LE(at), m);
    k ^= k >>> 24;
    h = Math.imul(h, m) ^ Math.imul(k, m);
  }
  const rest = bytes.length - at;
  if (rest >= 3) h ^= (bytes[at + 2] ?? 0) << 16;
  if (rest >= 2) h ^= (bytes[at + 1] ?? 0) << 8;
  if (rest >= 1) h = Math.imul(h ^ (bytes[at] ?? 0), m);
  h = Math.imul(h ^ (h >>> 13), m);
  return h ^ (h >>> 15);
}
