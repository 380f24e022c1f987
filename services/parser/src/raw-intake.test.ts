import { MillraceError, topics } from '@millrace/contracts';
import { partitionOf } from '@millrace/kafka';
import { expect, test } from 'vitest';
import { connectionId, IntakeFixture, wire } from './testing/intake-fixture.ts';

test('every message becomes a record in its own partition, under the key of its device, in order', async () => {
  const fixture = new IntakeFixture();
  await fixture.take(['a', 'b'], ['a']);
  expect(fixture.parsed).toEqual([
    ['a', 4, 10, 0],
    ['b', 4, 10, 1],
    ['a', 4, 11, 0],
  ]);
  expect(fixture.sent.map(({ topic, partition, key }) => [topic, partition, key])).toEqual([
    ['points', 4, 'acme/a'],
    ['points', 4, 'acme/b'],
    ['points', 4, 'acme/a'],
  ]);
  expect(fixture.settled).toEqual([2]);
  expect(fixture.hop).toEqual({ in: 3, out: 3, deadLettered: 0 });
});

test('a message that its script cannot decode is a dead letter alone, with its place and its own raw record', async () => {
  const fixture = new IntakeFixture();
  await fixture.take(['a', 'bad', 'b']);
  expect(fixture.parsed.map(([uid]) => uid)).toEqual(['a', 'b']);
  expect(fixture.letters).toEqual([
    {
      topic: 'raw',
      partition: 4,
      offset: '10',
      index: 1,
      key: 'acme/bad',
      value: expect.any(Buffer),
      code: 'script_threw',
      message: 'Bad.',
      stage: 'parser.script',
      script: 'decode@1',
      attempt: 1,
      timestampMs: 1_000,
    },
  ]);
  expect(wire.decode(fixture.letters[0]!.value!).messages.map(({ deviceUid }) => deviceUid)).toEqual(['bad']);
  expect(fixture.hop).toEqual({ in: 3, out: 2, deadLettered: 1 });
});

test('rows of a sub-device are a record in the partition of its key; the message counts once', async () => {
  const fixture = new IntakeFixture();
  await fixture.take(['gateway', 'a']);
  const { partitions } = topics.points;
  expect(fixture.sent.map(({ partition, key }) => [partition, key])).toEqual([
    [4, 'acme/gateway'],
    [partitionOf('acme/sub', partitions), 'acme/sub'],
    [4, 'acme/a'],
  ]);
  expect(fixture.hop).toEqual({ in: 2, out: 2, deadLettered: 0 });
});

test('a message that names a device which is not behind its sender is a dead letter as a whole', async () => {
  const fixture = new IntakeFixture();
  await fixture.take(['gateway-2', 'a']);
  expect(fixture.letters).toMatchObject([
    { code: 'unknown_sub_device', key: 'acme/gateway-2', stage: 'parser.configuration' },
  ]);
  expect(fixture.parsed.map(([uid]) => uid)).toEqual(['a']);
  expect(fixture.hop).toEqual({ in: 2, out: 1, deadLettered: 1 });
});

test('a record that cannot be read is a dead letter byte for byte', async () => {
  const fixture = new IntakeFixture();
  await fixture.take('broken', ['a']);
  expect(fixture.letters).toMatchObject([{ index: null, value: Buffer.from('broken'), code: 'undecodable_record' }]);
  expect(fixture.parsed.map(([uid]) => uid)).toEqual(['a']);
  expect(fixture.settled).toEqual([2]);
});

test('a record that may be readable later stops the batch before anything is done', async () => {
  const fixture = new IntakeFixture();
  await expect(fixture.take(['a'], 'later')).rejects.toMatchObject({ code: 'registry_unavailable' });
  expect([fixture.sent, fixture.settled]).toEqual([[], []]);
});

test('a fence has no messages and is settled', async () => {
  const fixture = new IntakeFixture();
  await fixture.take([], []);
  expect([fixture.sent, fixture.settled]).toEqual([[], [2]]);
});

test('rows that do not fit into a record are a dead letter', async () => {
  const fixture = new IntakeFixture();
  await fixture.take(['huge', 'a']);
  expect(fixture.letters).toMatchObject([{ code: 'script_result', key: 'acme/huge' }]);
  expect(fixture.parsed.map(([uid]) => uid)).toEqual(['a']);
});

test('a message whose device is unknown holds its record and what follows, not what came before', async () => {
  const fixture = new IntakeFixture();
  const taking = fixture.take(['a'], ['b', 'unknown'], ['c']);
  await expect(taking).rejects.toMatchObject({ code: 'configuration_behind', retry: 'later' });
  expect(fixture.parsed.map(([uid]) => uid)).toEqual(['a']);
  expect(fixture.settled).toEqual([1]);
});

test('when the configuration has arrived the message is parsed', async () => {
  const fixture = new IntakeFixture();
  await expect(fixture.take(['unknown'])).rejects.toMatchObject({ code: 'configuration_behind' });
  fixture.known.add('unknown');
  await fixture.take(['unknown']);
  expect(fixture.parsed.map(([uid]) => uid)).toEqual(['unknown']);
});

test('after five seconds the message is a dead letter; all unknown devices of a batch wait at the same time', async () => {
  const fixture = new IntakeFixture();
  await expect(fixture.take(['unknown-1', 'a'], ['unknown-2'])).rejects.toMatchObject({ retry: 'later' });
  await fixture.clock.advance(5_000);
  await fixture.take(['unknown-1', 'a'], ['unknown-2']);
  expect(fixture.letters.map(({ key, code, stage }) => [key, code, stage])).toEqual([
    ['acme/unknown-1', 'unknown_device', 'parser.configuration'],
    ['acme/unknown-2', 'unknown_device', 'parser.configuration'],
  ]);
  expect(fixture.parsed.map(([uid]) => uid)).toEqual(['a']);
});

test('what could not be written is not settled and not counted', async () => {
  const fixture = new IntakeFixture();
  fixture.failing = new MillraceError('stream_unavailable', 'Away.');
  await expect(fixture.take(['a'])).rejects.toMatchObject({ code: 'stream_unavailable' });
  expect([fixture.settled, fixture.hop.in]).toEqual([[], 0]);
});

test('a large batch is done and settled in steps', async () => {
  const fixture = new IntakeFixture();
  const devices = Array.from({ length: 500 }, (_, index) => `d${index}`);
  await fixture.take(...Array.from({ length: 9 }, () => devices));
  expect(fixture.settled).toEqual([4, 8, 9]);
  expect(fixture.hop.out).toBe(4_500);
});

/** A claim of the connection, with the fence of epoch 7 in front of the offset 12 of the partition of the fixture. */
const claim = (shared: boolean) => ({
  tenant: 'acme',
  connectionId: 'line-1',
  instance: 'one',
  epoch: 7,
  shared,
  released: false,
  fences: [{ epoch: 7, offsets: [0, 0, 0, 0, 11] }],
  timeMicros: 0,
});

test('what a former owner wrote behind a fence is dropped and counted, and nothing else', async () => {
  const fixture = new IntakeFixture();
  const [former, owner, fence] = [
    { epoch: 3, uids: ['a', 'b'] },
    { epoch: 7, uids: ['a'] },
    { epoch: 7, uids: [] },
  ];
  await fixture.take(former, fence, former, owner, ['b'], former);
  expect(fixture.parsed).toEqual([
    ['a', 4, 10, 0],
    ['b', 4, 10, 1],
    ['a', 4, 13, 0],
    ['b', 4, 14, 0],
  ]);
  const [hop] = fixture.accounting.report().hops;
  expect(hop).toMatchObject({ in: 8, out: 4, rejected: { stale_owner: 4 }, deadLettered: 0, inFlight: 0 });
  expect(fixture.told).toEqual([['dropped', 4]]);
  expect(fixture.settled).toEqual([6]);
});

test('the claims are read before the first record, and know of fences that lie before it', async () => {
  const fixture = new IntakeFixture();
  fixture.unread = () => fixture.stale.learn(connectionId, claim(false), 9);
  await fixture.take({ epoch: 3, uids: ['a'] }, { epoch: 3, uids: ['a'] }, { epoch: 3, uids: ['a'] });
  expect(fixture.parsed).toEqual([
    ['a', 4, 10, 0],
    ['a', 4, 11, 0],
  ]);
});

test('what a former owner of a shared subscription wrote is parsed and counted', async () => {
  const fixture = new IntakeFixture();
  fixture.stale.learn(connectionId, claim(true), 9);
  await fixture.take(['a'], ['a'], { epoch: 3, uids: ['a', 'b'] });
  expect(fixture.hop).toEqual({ in: 4, out: 4, deadLettered: 0 });
  expect(fixture.told).toEqual([['kept', 2]]);
});

test('what is stale is neither parked nor waited for', async () => {
  const fixture = new IntakeFixture();
  fixture.slow.add('a');
  fixture.stale.learn(connectionId, claim(false), 9);
  await fixture.take(['a'], { epoch: 3, uids: ['a'] }, { epoch: 3, uids: ['a', 'unknown'] });
  expect(fixture.parkedPlaces).toEqual([
    ['acme/a', 'slow', '10/0'],
    ['acme/a', 'slow', '11/0'],
  ]);
  const [hop] = fixture.accounting.report().hops;
  expect(hop).toMatchObject({ in: 4, parked: 2, rejected: { stale_owner: 2 }, inFlight: 0 });
});

test('stale messages of a chunk that could not be written are counted when it comes again', async () => {
  const fixture = new IntakeFixture();
  fixture.failing = new Error('away');
  const records = [['a'], { epoch: 7, uids: [] }, { epoch: 3, uids: ['a'] }];
  await expect(fixture.take(...records)).rejects.toThrow('away');
  expect(fixture.accounting.report().hops[0]).toMatchObject({ in: 0, rejected: {}, inFlight: 0 });
  fixture.failing = undefined;
  await fixture.take(...records);
  expect(fixture.accounting.report().hops[0]).toMatchObject({ in: 2, out: 1, rejected: { stale_owner: 1 } });
  expect(fixture.told).toEqual([['dropped', 1]]);
});
