import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deviceOf, frameOf, numberOf, signals, timeOf } from './messages.ts';

const script = readFileSync(join(import.meta.dirname, 'decode.js'), 'utf8');
const decodeUplink = runInNewContext(`${script}; decodeUplink`) as (input: { bytes: Uint8Array }) => {
  data: Record<string, number>;
};

test('the script reads the number of every frame, and makes the signals that the check counts', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 48 - 1), (number) => {
      const { data } = decodeUplink({ bytes: new Uint8Array(frameOf(number)) });
      expect(Object.keys(data)).toEqual(signals);
      expect(data['number']).toBe(number);
    }),
  );
});

test('messages of a thousand requests in one millisecond have numbers, and pairs of device and time, of their own', () => {
  const [requests, perRequest, devices] = [1_000, 10, 15];
  const numbers = new Set<number>();
  const pairs = new Set<string>();
  for (let request = 0; request < requests; request += 1)
    for (let index = 0; index < perRequest; index += 1) {
      const number = numberOf(request, index, perRequest);
      numbers.add(number);
      pairs.add(`${deviceOf(number, devices)} ${timeOf(0, request)}`);
    }
  expect([numbers.size, pairs.size]).toEqual([requests * perRequest, requests * perRequest]);
  expect(Math.max(...numbers)).toBe(requests * perRequest - 1);
});
