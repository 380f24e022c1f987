import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventIdOf, type TransitionIdentity } from './event-id.ts';

const identity: TransitionIdentity = {
  tenant: 'mill',
  deviceUid: 'oven-1',
  ruleId: 'too-hot',
  ruleVersion: 3,
  signal: 'température',
  timeMicros: 1_763_715_600_000_000,
  severity: 'critical',
};

test('the id is the start of SHA-256 over netstrings, as documented', () => {
  const text = '4:mill,6:oven-1,7:too-hot,1:3,12:température,16:1763715600000000,8:critical,';
  expect(eventIdOf(identity)).toEqual(createHash('sha256').update(text).digest().subarray(0, 16));
  expect(eventIdOf(identity).toString('hex')).toBe('91f3be104bd0c1767136b2c284652c45');
});

test('each part of the identity makes another id', () => {
  const others: TransitionIdentity[] = [
    { ...identity, tenant: 'mill2' },
    { ...identity, deviceUid: 'oven-2' },
    { ...identity, ruleId: 'too-cold' },
    { ...identity, ruleVersion: 4 },
    { ...identity, signal: 'humidity' },
    { ...identity, timeMicros: identity.timeMicros + 1 },
    { ...identity, severity: 'none' },
  ];
  const ids = [identity, ...others].map((each) => eventIdOf(each).toString('hex'));
  expect(new Set(ids).size).toBe(ids.length);
});

test('text that moves from one field to its neighbour makes another id', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string({ minLength: 1 }), (ruleId, signal, moved) => {
      const one = eventIdOf({ ...identity, ruleId: ruleId + moved, signal });
      const other = eventIdOf({ ...identity, ruleId, signal: moved + signal });
      expect(one.equals(other)).toBe(false);
    }),
  );
});
