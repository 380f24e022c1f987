import { MillraceError } from '@millrace/contracts';
import { beforeEach, expect, test } from 'vitest';
import { IntakeFixture } from './testing/intake-fixture.ts';

let fixture: IntakeFixture;

beforeEach(() => {
  fixture = new IntakeFixture();
});

const uids = (): readonly unknown[] => fixture.parsed.map(([uid]) => uid);
const counts = () => {
  const { in: taken, out, parked, inFlight } = fixture.accounting.report().hops[0]!;
  return { in: taken, out, parked, inFlight };
};

test('a message whose script is too slow is parked with all that follow of its device; the others go on', async () => {
  fixture.slow.add('s');
  await fixture.take(['a', 's', 's'], ['s', 'a', 'b']);
  expect(uids()).toEqual(['a', 'a', 'b']);
  expect(fixture.parkedPlaces).toEqual([
    ['acme/s', 'slow', '10/1', '10/2'],
    ['acme/s', 'slow', '11/0'],
  ]);
  expect(fixture.parked.map(({ partition }) => partition)).toEqual([4, 4]);
  expect(fixture.settled).toEqual([2]);
  expect(counts()).toEqual({ in: 6, out: 3, parked: 3, inFlight: 0 });
  expect(fixture.letters).toEqual([]);
});

test('what follows of a parked device is parked without a call, until the group has finished its last record', async () => {
  fixture.slow.add('s');
  await fixture.take(['s']);
  fixture.slow.clear();
  await fixture.take(['s', 'a']);
  expect([fixture.called.at(-1), fixture.parkedPlaces.at(-1)]).toEqual([['a'], ['acme/s', 'order', '10/0']]);
  fixture.finishedBefore = 1n;
  await fixture.parkedDevices.release();
  expect(fixture.parkedDevices.count).toBe(1);
  fixture.finishedBefore = 2n;
  await fixture.parkedDevices.release();
  await fixture.take(['s']);
  expect(uids()).toEqual(['a', 's']);
});

test('a device that is let go while its messages are being parked is parked by them again', async () => {
  fixture.slow.add('s');
  await fixture.take(['s']);
  fixture.finishedBefore = 1n;
  const taking = fixture.take(['s']);
  await fixture.parkedDevices.release();
  await taking;
  expect(fixture.parkedDevices.count).toBe(1);
});

test('nobody asks how far the group is while no device is parked', async () => {
  await fixture.take(['a']);
  await fixture.parkedDevices.release();
  expect(fixture.asked).toBe(0);
});

test('what came before a parked message of its device is durable before it is parked', async () => {
  fixture.slow.add('s');
  fixture.failing = new MillraceError('stream_unavailable', 'Away.');
  await expect(fixture.take(['a', 's'])).rejects.toThrow('Away.');
  expect([fixture.parked, fixture.parkedDevices.count, fixture.settled]).toEqual([[], 0, []]);
  expect(counts()).toEqual({ in: 0, out: 0, parked: 0, inFlight: 0 });
});

test('messages of a tenant that has used up its CPU time are parked before a script is called, those of others are not', async () => {
  fixture.short.add('acme');
  await fixture.take(['a', 'other/b', 'a']);
  expect(fixture.called).toEqual([['b']]);
  expect(fixture.parkedPlaces).toEqual([['acme/a', 'budget', '10/0', '10/2']]);
});

test('a script that is too slow again and again is not tried for ten seconds, for no device; once is no reason', async () => {
  fixture.slow.add('s').add('t').add('u');
  await fixture.take(['s', 't']);
  await fixture.take(['a']);
  await fixture.clock.advance(1_000);
  await fixture.take(['u', 'a']);
  expect(uids()).toEqual(['a', 'a']);
  await fixture.take(['a', 'other/b']);
  expect([fixture.called.at(-1), fixture.parkedPlaces.at(-1)]).toEqual([['b'], ['acme/a', 'slow', '10/0']]);
  await fixture.clock.advance(10_000);
  await fixture.take(['c']);
  expect(fixture.called.at(-1)).toEqual(['c']);
});

test('with a new assignment it is read anew who is parked, before anything is parsed', async () => {
  await fixture.take(['a']);
  fixture.unfinished.set('acme/a', 7n);
  await fixture.take(['a']);
  fixture.assignment.abort();
  fixture.assignment = new AbortController();
  await fixture.take(['a', 'b']);
  expect(uids()).toEqual(['a', 'a', 'b']);
  expect(fixture.parkedPlaces).toEqual([['acme/a', 'order', '10/0']]);
  fixture.assignment.abort();
  expect(fixture.parkedDevices.count).toBe(0);
});

test('of a deleted tenant nothing is parked, and what nobody knows is a dead letter', async () => {
  fixture.unfinished.set('gone/gone1', 1n).set('acme/unknown', 1n);
  await expect(fixture.take(['gone/gone1', 'unknown'])).rejects.toMatchObject({ code: 'configuration_behind' });
  await fixture.clock.advance(5_000);
  await fixture.take(['gone/gone1', 'unknown']);
  expect(fixture.parked).toEqual([]);
  expect(fixture.letters.map(({ key }) => key)).toEqual(['acme/unknown']);
});

test('a device that sends much is parked in records of twenty messages', async () => {
  fixture.slow.add('s');
  await fixture.take(Array.from({ length: 45 }, () => 's'));
  expect(fixture.parkedPlaces.map(([, , ...places]) => places.length)).toEqual([20, 20, 5]);
});
