import { deviceKey, MillraceError } from '@millrace/contracts';
import { ProducerFenced, TransactionUndecided } from '@millrace/kafka';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { graceMs } from './device-grace.ts';
import { FakeConfiguration, FakeStream, pointOf } from './testing/fakes.ts';
import { Instance, stepsOf } from './testing/instance.ts';

describe('a batch', () => {
  test('with transitions is one transaction: events, a checkpoint per device, and the offset', async () => {
    const stream = new FakeStream();
    stream.append(
      pointOf('oven-1', 1, 95),
      pointOf('oven-2', 1, 95),
      pointOf('oven-1', 2, 20),
      pointOf('oven-1', 3, 21),
    );
    await new Instance(stream).evaluate();
    expect(stepsOf(stream)).toEqual(['oven-1 raised 1', 'oven-2 raised 1', 'oven-1 cleared 2']);
    expect([...stream.states().keys()]).toEqual(['mill/oven-1', 'mill/oven-2']);
    expect(stream.transactions).toBe(1);
    expect(stream.committed).toBe(4n);
  });

  test('without transitions only commits its offset', async () => {
    const stream = new FakeStream();
    stream.append(pointOf('oven-1', 1, 20), pointOf('oven-1', 2, 21));
    await new Instance(stream).evaluate();
    expect(stream.transactions).toBe(0);
    expect(stream.committed).toBe(2n);
  });

  test('with very many transitions is stored in several transactions', async () => {
    const stream = new FakeStream();
    for (let index = 0; index < 2_500; index++) stream.append(pointOf('oven-1', index, index % 2 ? 20 : 95));
    await new Instance(stream).evaluate();
    expect(stream.transactions).toBe(3);
    expect(stepsOf(stream)).toHaveLength(2_500);
    expect(stream.committed).toBe(2_500n);
  });

  test('is counted in messages', async () => {
    const stream = new FakeStream();
    stream.append(pointOf('oven-1', 1, 95), 'garbage', pointOf('oven-1', 2, 20));
    const instance = new Instance(stream);
    await instance.evaluate();
    expect(instance.hop).toMatchObject({ in: 3, out: 2, deadLettered: 1, repeated: 0, inFlight: 0 });
  });

  test('a record that cannot be decoded is put aside and stops nothing', async () => {
    const stream = new FakeStream();
    stream.append(pointOf('oven-1', 1, 95), 'garbage', pointOf('oven-1', 2, 20));
    const instance = new Instance(stream);
    await instance.evaluate();
    expect(stepsOf(stream)).toEqual(['oven-1 raised 1', 'oven-1 cleared 2']);
    expect(instance.letters).toMatchObject([
      {
        topic: 'telemetry.points.v1',
        partition: 3,
        offset: '1',
        value: Buffer.from('garbage'),
        code: 'undecodable_record',
      },
    ]);
  });

  test('the points of a device wait for its configuration', async () => {
    const stream = new FakeStream();
    stream.append(pointOf('oven-9', 1, 95));
    const configuration = new FakeConfiguration();
    const instance = new Instance(stream, configuration);
    const evaluated = instance.evaluate();
    await vi.waitFor(() => expect(instance.clock.sleeping).toBe(1));
    configuration.add('oven-9');
    await instance.clock.advance(100);
    await evaluated;
    expect(stepsOf(stream)).toEqual(['oven-9 raised 1']);
  });

  test('the points of a device that does not exist are put aside', async () => {
    const stream = new FakeStream();
    stream.append(pointOf('oven-9', 1, 95), pointOf('oven-1', 1, 95));
    const instance = new Instance(stream);
    const evaluated = instance.evaluate();
    await vi.waitFor(() => expect(instance.clock.sleeping).toBe(1));
    await instance.clock.advance(graceMs + 100);
    await evaluated;
    expect(instance.letters).toMatchObject([{ offset: '0', code: 'unknown_device' }]);
    expect(stepsOf(stream)).toEqual(['oven-1 raised 1']);
  });
});

describe('after a failure', () => {
  const unavailable = new MillraceError('stream_unavailable', 'aborted');

  test.each([
    ['a transaction that was aborted', unavailable, false],
    ['a transaction that nobody knows the end of and that was not stored', new TransactionUndecided('?'), false],
    ['a transaction that nobody knows the end of and that was stored', new TransactionUndecided('?'), true],
    ['a transaction of a former owner', new ProducerFenced('fenced'), false],
  ])('%s, the batch comes again and every event is stored once', async (_what, error, stored) => {
    const stream = new FakeStream();
    stream.append(pointOf('oven-1', 1, 95), pointOf('oven-1', 2, 20));
    const instance = new Instance(stream);
    stream.failure = { error, stored };
    await expect(instance.evaluate()).rejects.toMatchObject({ code: 'stream_unavailable', retry: 'later' });
    await instance.evaluate();
    expect(stepsOf(stream)).toEqual(['oven-1 raised 1', 'oven-1 cleared 2']);
    expect(stream.committed).toBe(2n);
  });

  test('what was stored before it in the same batch is settled', async () => {
    const stream = new FakeStream();
    for (let index = 0; index < 1_500; index++) stream.append(pointOf('oven-1', index, index % 2 ? 20 : 95));
    const instance = new Instance(stream);
    const batch = stream.batch(0, instance.assignment.signal);
    const transaction = stream.transaction.bind(stream);
    stream.transaction = async (work) => {
      await transaction(work);
      stream.failure = { error: unavailable, stored: false };
    };
    await expect(instance.evaluation.evaluate(batch)).rejects.toBe(unavailable);
    expect(batch.settled).toBe(1_000);
    expect(instance.hop).toMatchObject({ in: 1_000, out: 1_000 });
  });

  test('a former owner asks the group before it takes the partition over again', async () => {
    const stream = new FakeStream();
    stream.append(pointOf('oven-1', 1, 95));
    stream.failure = { error: new ProducerFenced('fenced'), stored: false };
    const instance = new Instance(stream);
    const batch = stream.batch(0, instance.assignment.signal);
    await expect(instance.evaluation.evaluate(batch)).rejects.toMatchObject({ retry: 'later' });
    expect(batch.heartbeats).toBe(1);
  });

  test('an owner that lost the partition stores nothing', async () => {
    const stream = new FakeStream();
    stream.append(pointOf('oven-1', 1, 95));
    const instance = new Instance(stream);
    const revoked = new Error('revoked');
    instance.assignment.abort(revoked);
    await expect(instance.evaluate()).rejects.toBe(revoked);
    expect(stream.stored).toEqual([]);
    expect(stream.committed).toBe(0n);
  });
});

test('owners that change, crash and read again anywhere store every event once, in any order of event times', async () => {
  const point = fc.tuple(fc.constantFrom('oven-1', 'oven-2'), fc.nat(20), fc.constantFrom(20, 95));
  const step = fc.record({
    records: fc.integer({ min: 1, max: 6 }),
    back: fc.nat(4),
    newOwner: fc.boolean(),
    failure: fc.constantFrom(undefined, 'before', 'after'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(point, { maxLength: 25 }), fc.array(step, { maxLength: 25 }), async (points, life) => {
      const lists = points.map((each) => pointOf(...each));
      const stream = new FakeStream();
      stream.append(...lists);
      let instance = new Instance(stream);
      for (const { records, back, newOwner, failure } of [...life, { records: 99, back: 0, newOwner: true }]) {
        if (newOwner) instance = new Instance(stream);
        // The group's offset may go back after a rebalance, the checkpoint never does.
        const from = Math.max(0, Number(stream.committed) - (newOwner ? back : 0));
        if (failure) stream.failure = { error: new TransactionUndecided('?'), stored: failure === 'after' };
        if (from < lists.length) await instance.evaluate(from, from + records).catch(() => undefined);
        stream.failure = undefined;
      }
      while (stream.committed < BigInt(lists.length)) await instance.evaluate(Number(stream.committed));
      const once = new FakeStream();
      once.append(...lists);
      if (lists.length > 0) await new Instance(once).evaluate();
      expect(stepsOf(stream)).toEqual(stepsOf(once));
      expect(stream.states().get(deviceKey('mill', 'oven-1'))).toEqual(once.states().get(deviceKey('mill', 'oven-1')));
    }),
    { numRuns: 300 },
  );
});
