/** Requests of three sessions about five keys, sensible and not, for comparing stores. */
import fc from 'fast-check';
import type { Change, LeaseRequest, Member } from '../lease-store.ts';

const session = fc.constantFrom('s1', 's2', 's3', 'nobody');
const key = fc.constantFrom('a/1', 'a/2', 'a/3', 'b/4', 'b/5');
const keys = fc.uniqueArray(key);
const living = fc.uniqueArray(session);

const member: fc.Arbitrary<Member> = fc.record({
  instance: fc.constantFrom('one', 'two'),
  url: fc.constant('http://one'),
  ttlMs: fc.constant(6_000),
  sinceMs: fc.constant(1_700_000_000_000),
  connectionsMax: fc.integer({ min: 0, max: 4 }),
  accepting: fc.boolean(),
  draining: fc.boolean(),
});

const roomy: fc.Arbitrary<Member> = member.map((one) => ({
  ...one,
  connectionsMax: 10,
  accepting: true,
  draining: false,
}));

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    kind: fc.constant('join' as const),
    member: fc.oneof(member, roomy),
    replaces: fc.option(session, { nil: undefined }),
    keys,
  }),
  fc.record({ kind: fc.constant('renew' as const), member: fc.oneof(member, roomy) }),
  fc.record({ kind: fc.constant('handOver' as const), living, keys, drop: keys }),
  fc.record({
    kind: fc.constant('place' as const),
    living,
    dead: fc.array(fc.tuple(session, fc.integer({ min: 1, max: 30 })), { maxLength: 2 }),
    keys,
    forget: keys,
  }),
  fc.record({ kind: fc.constant('balance' as const), living, keys }),
  fc.record({ kind: fc.constant('move' as const), key, to: session }),
  fc.record({ kind: fc.constant('drain' as const), target: session, on: fc.boolean() }),
  fc.record({ kind: fc.constant('leave' as const) }),
);

/** Beats count from 1, some come late; `memory` is what the store has, except sometimes. */
export const anyRequests = fc
  .array(fc.tuple(change, fc.constantFrom('s1', 's2', 's3'), fc.constantFrom(0, 0, 0, 0, 0, -1, -3), fc.nat(20)), {
    minLength: 1,
    maxLength: 60,
    size: 'max',
  })
  .map(
    (all) =>
      (memory: string): LeaseRequest[] =>
        all.map(([one, by, late, odd], index) => ({
          ...one,
          session: by,
          beat: Math.max(1, index + 1 + late),
          memory: odd === 0 ? 'another' : memory,
        })),
  );
