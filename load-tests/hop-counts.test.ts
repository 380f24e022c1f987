import { Accounting, unexplainedMessages as asThePlatformSays } from '@millrace/observe';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unexplainedMessages } from './hop-counts.ts';

const count = fc.nat(1_000);
const hops = fc.record({
  in: count,
  out: count,
  rejected: fc.dictionary(fc.constantFrom('overloaded', 'unauthenticated'), count, { noNullPrototype: true }),
  deadLettered: count,
  parked: count,
  repeated: count,
  inFlight: count,
});

test('what a hop does not explain is what the platform itself would say', () => {
  fc.assert(
    fc.property(hops, (counts) => {
      const hop = { service: 'parser', hop: 'parse', ...counts };
      expect(unexplainedMessages(hop)).toBe(asThePlatformSays(hop));
    }),
  );
});

test('a hop that the platform reports has every number that the check reads', () => {
  const accounting = new Accounting('parser', 'parser-1');
  accounting.hop('parse').in(3);
  const [hop] = accounting.report().hops;
  expect(unexplainedMessages({ service: 'parser', ...hop! })).toBe(0);
});
