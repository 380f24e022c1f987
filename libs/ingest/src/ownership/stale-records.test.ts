import type { ConnectionClaim } from '@millrace/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StaleRecords } from './stale-records.ts';

const key = 'acme/line-1';
const partition = 1;
const message = {} as never;

const record = (epoch: number) => ({ connectionId: key, epoch, messages: [message] });
const fence = (epoch: number) => ({ connectionId: key, epoch, messages: [] });

function claim(fences: ConnectionClaim['fences'], shared = false): ConnectionClaim {
  const owner = { tenant: 'acme', connectionId: 'line-1', instance: 'one', epoch: -1, released: false, timeMicros: 0 };
  return { ...owner, shared, fences };
}

test('a record is stale only behind a fence of a higher epoch in its own partition', () => {
  const stale = new StaleRecords();
  stale.learn(key, claim([{ epoch: 7, offsets: [50, 100] }]), 9);
  expect(stale.standingOf(partition, 99, record(3))).toBe('current');
  expect(stale.standingOf(partition, 101, record(3))).toBe('stale');
  expect(stale.standingOf(partition, 101, record(7))).toBe('current');
  expect(stale.standingOf(partition, 101, record(8))).toBe('current');
  expect(stale.standingOf(0, 60, record(3))).toBe('stale');
  expect(stale.standingOf(2, 101, record(3))).toBe('current');
});

test('what has no owner, and what is of another connection, is looked at by nobody', () => {
  const stale = new StaleRecords();
  stale.learn(key, claim([{ epoch: 7, offsets: [0, 0] }]), 9);
  expect(stale.standingOf(partition, 5, { ...record(-1), connectionId: null })).toBe('current');
  expect(stale.standingOf(partition, 5, record(-1))).toBe('current');
  expect(stale.standingOf(partition, 5, { ...record(3), connectionId: 'acme/line-2' })).toBe('current');
});

test('a fence in the stream counts for what follows it, and for nothing before when that comes again', () => {
  const stale = new StaleRecords();
  expect(stale.standingOf(partition, 10, record(3))).toBe('current');
  expect(stale.standingOf(partition, 11, fence(7))).toBe('current');
  expect(stale.standingOf(partition, 12, record(3))).toBe('stale');
  expect(stale.standingOf(partition, 10, record(3))).toBe('current');
});

test('where several clients share a subscription, what a former owner wrote is told and kept', () => {
  const stale = new StaleRecords();
  stale.learn(key, claim([{ epoch: 7, offsets: [0, 0] }], true), 9);
  expect(stale.standingOf(partition, 5, record(3))).toBe('shared');
});

test('nothing is known any more of a deleted connection, nor of epochs that began again', () => {
  const stale = new StaleRecords();
  stale.learn(key, claim([{ epoch: 7, offsets: [0, 0] }]), 9);
  stale.learn(key, null, 10);
  expect(stale.standingOf(partition, 5, record(3))).toBe('current');
  stale.learn(key, claim([{ epoch: 7, offsets: [0, 0] }]), 11);
  stale.learn(key, claim([{ epoch: 2, offsets: [90, 90] }]), 3);
  expect(stale.standingOf(partition, 5, record(1))).toBe('current');
  expect(stale.standingOf(partition, 91, record(1))).toBe('stale');
});

/** Fences and records of a partition by offset, from any number of owners in any order. */
const anyPartition = fc.array(fc.record({ epoch: fc.nat(40), isFence: fc.boolean() }), { maxLength: 120 });

test('whatever the order of owners, a record is judged by the highest fence before it, also when some come again', () => {
  fc.assert(
    fc.property(anyPartition, fc.nat(60), (records, stepsBack) => {
      const stale = new StaleRecords();
      const judge = ({ epoch, isFence }: (typeof records)[number], offset: number) =>
        stale.standingOf(partition, offset, isFence ? fence(epoch) : record(epoch));
      const expected = records.map(({ epoch, isFence }, at) =>
        !isFence && records.slice(0, at).some((one) => one.isFence && one.epoch > epoch) ? 'stale' : 'current',
      );
      expect(records.map(judge)).toEqual(expected);
      // Older fences may be forgotten by then: that keeps a record, and never drops one.
      for (let at = Math.max(0, records.length - stepsBack); at < records.length; at += 1)
        expect(['current', expected[at]]).toContain(judge(records[at]!, at));
    }),
  );
});
