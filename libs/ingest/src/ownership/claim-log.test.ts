import { ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { MemoryClaims, MemoryTopic, settled } from '../testing/claim-topic.ts';
import { ClaimLog } from './claim-log.ts';

const key = 'acme/line-1';
const never = new AbortController().signal;

async function newInstance(topic: MemoryTopic, instance: string) {
  const wire = new MemoryClaims(topic);
  const log = new ClaimLog(wire, new ManualClock(1_000));
  await log.start(never);
  await settled();
  /** Until nobody writes any more. */
  const settle = async (): Promise<void> => {
    for (wire.deliver(), await settled(); wire.requests.length > 0; wire.deliver(), await settled()) wire.land()();
  };
  return {
    log,
    wire,
    settle,
    claim: () => log.claim(key, { instance, shared: false }, never),
    /** As the owner of one epoch alone, from the claim to the confirmation. */
    async own(offsets: readonly number[]): Promise<number> {
      const claiming = log.claim(key, { instance, shared: false }, never);
      await settle();
      const confirming = log.confirm(key, await claiming, offsets, never);
      await settle();
      await confirming;
      return claiming;
    },
  };
}

const lastOf = (topic: MemoryTopic) => topic.records.findLast((one) => one.key === key)?.record;

test('the epoch is the offset of the first record, and the second one says where the fences are', async () => {
  const topic = new MemoryTopic();
  const one = await newInstance(topic, 'one');
  expect(one.log.latest(key)).toBeUndefined();
  expect(await one.own([10, 20])).toBe(0);
  const next = await newInstance(topic, 'two');
  expect(await next.own([30, 40])).toBe(2);
  expect(next.log.latest(key)).toMatchObject({
    tenant: 'acme',
    connectionId: 'line-1',
    instance: 'two',
    epoch: 2,
    released: false,
    timeMicros: 1_000_000,
    fences: [
      { epoch: 0, offsets: [10, 20] },
      { epoch: 2, offsets: [30, 40] },
    ],
  });
});

test('an owner that crashed between its records is followed by one that carries the fences on', async () => {
  const topic = new MemoryTopic();
  await (await newInstance(topic, 'one')).own([10]);
  const crashed = await newInstance(topic, 'two');
  void crashed.claim();
  crashed.wire.land();
  topic.compact();
  expect(topic.records).toHaveLength(1);
  const next = await newInstance(topic, 'three');
  expect(next.log.latest(key)).toMatchObject({ instance: 'two', epoch: 2, fences: [{ epoch: 0, offsets: [10] }] });
  await next.own([30]);
  expect(lastOf(topic)).toMatchObject({ epoch: 3, fences: [{ epoch: 0 }, { epoch: 3, offsets: [30] }] });
});

test.each(['claims in order, confirmations in order', 'claims in order, confirmations crossed'])(
  'of two claimants at once the later claim wins, and compaction loses no fence: %s',
  async (order) => {
    const topic = new MemoryTopic();
    const [first, second] = [await newInstance(topic, 'first'), await newInstance(topic, 'second')];
    const claiming = [first.claim(), second.claim()];
    for (const { wire } of [first, second]) wire.land()();
    const [older, newer] = await Promise.all(claiming);
    expect([older, newer]).toEqual([0, 1]);
    // Neither has read of the other yet, and each has written its fences.
    const ended = first.log.supersededSignal(key, older!);
    expect(ended.aborted).toBe(false);
    const confirming = [
      first.log.confirm(key, older!, [10, 11], never),
      second.log.confirm(key, newer!, [12, 13], never),
    ];
    const crossed = order.endsWith('crossed');
    for (const { wire } of crossed ? [second, first] : [first, second]) wire.land()();
    await Promise.all(confirming);
    for (const instance of [first, second, first, second]) await instance.settle();
    expect(ended.aborted).toBe(true);
    expect(ended.reason).toMatchObject({ code: 'lease_lost' });
    expect(second.log.supersededSignal(key, newer!).aborted).toBe(false);
    const all = {
      instance: 'second',
      epoch: 1,
      fences: [
        { epoch: 0, offsets: [10, 11] },
        { epoch: 1, offsets: [12, 13] },
      ],
    };
    for (const { log } of [first, second]) expect(log.latest(key)).toMatchObject(all);
    topic.compact();
    expect((await newInstance(topic, 'later')).log.latest(key)).toMatchObject(all);
  },
);

test('a claimant that has read of a newer one confirms nothing', async () => {
  const topic = new MemoryTopic();
  const [first, second] = [await newInstance(topic, 'first'), await newInstance(topic, 'second')];
  const claiming = first.claim();
  first.wire.land()();
  const epoch = await claiming;
  await second.own([10]);
  first.wire.deliver();
  await expect(first.log.confirm(key, epoch, [5], never)).rejects.toMatchObject({ code: 'lease_lost' });
  await first.log.release(key, epoch, never);
  expect(first.wire.requests).toEqual([]);
});

test('whoever sees it repairs what a crashed owner cannot, also when it starts behind it', async () => {
  const topic = new MemoryTopic();
  const stale = await newInstance(topic, 'stale');
  const claiming = stale.claim();
  stale.wire.land()();
  void stale.log.confirm(key, await claiming, [10], never);
  await (await newInstance(topic, 'crashed')).own([20]);
  stale.wire.land();
  expect(lastOf(topic)).toMatchObject({ epoch: 0, fences: [{ epoch: 0 }] });
  const other = await newInstance(topic, 'other');
  await other.settle();
  topic.compact();
  expect(lastOf(topic)).toMatchObject({ instance: 'crashed', epoch: 1, fences: [{ epoch: 0 }, { epoch: 1 }] });
});

test('where owners follow each other in order nobody has anything to repair', async () => {
  const topic = new MemoryTopic();
  const [one, two] = [await newInstance(topic, 'one'), await newInstance(topic, 'two')];
  await one.own([10]);
  await two.settle();
  await two.own([20]);
  const before = topic.records.length;
  await one.settle();
  await two.settle();
  expect(topic.records).toHaveLength(before);
});

test('a release says that nobody acts any more, and a claim takes it back', async () => {
  const topic = new MemoryTopic();
  const one = await newInstance(topic, 'one');
  const epoch = await one.own([10]);
  const releasing = one.log.release(key, epoch, never);
  await one.settle();
  await releasing;
  const two = await newInstance(topic, 'two');
  expect(two.log.latest(key)).toMatchObject({ released: true, fences: [{ epoch: 0 }] });
  void two.claim();
  await two.settle();
  expect(two.log.latest(key)).toMatchObject({ released: false, instance: 'two', fences: [{ epoch: 0 }] });
});

test('a release that comes late takes nothing from the next owner', async () => {
  const topic = new MemoryTopic();
  const one = await newInstance(topic, 'one');
  const epoch = await one.own([10]);
  void one.log.release(key, epoch, never);
  const two = await newInstance(topic, 'two');
  await two.own([20]);
  one.wire.land()();
  await two.settle();
  topic.compact();
  expect(lastOf(topic)).toMatchObject({ instance: 'two', released: false, fences: [{ epoch: 0 }, { epoch: 2 }] });
});

test('a deleted connection is forgotten, and one of the same name begins anew', async () => {
  const topic = new MemoryTopic();
  const one = await newInstance(topic, 'one');
  await one.own([10]);
  void one.log.remove(key, never);
  await one.settle();
  expect([...one.log.keys()]).toEqual([]);
  expect(await one.own([20])).toBe(3);
  expect(one.log.latest(key)?.fences).toEqual([{ epoch: 3, offsets: [20] }]);
});

test('a deletion that is read after a new claim of that name was written takes nothing from it', async () => {
  const topic = new MemoryTopic();
  const one = await newInstance(topic, 'one');
  await one.own([10]);
  void one.log.remove(key, never);
  one.wire.land();
  const claiming = one.claim();
  one.wire.land()();
  const epoch = await claiming;
  one.wire.read(key, null, epoch - 1);
  const confirming = one.log.confirm(key, epoch, [20], never);
  await one.settle();
  await confirming;
  expect(one.log.latest(key)).toMatchObject({ epoch, released: false });
});

test('a topic that was made anew is believed, not what it said before', async () => {
  const topic = new MemoryTopic();
  const one = await newInstance(topic, 'one');
  await one.own([10]);
  await one.own([20]);
  const anew = new MemoryTopic();
  await (await newInstance(anew, 'two')).own([1]);
  const { read } = one.wire;
  for (const { record, offset } of anew.records) read(key, record, offset);
  expect(one.log.latest(key)).toMatchObject({ instance: 'two', epoch: 0, fences: [{ epoch: 0, offsets: [1] }] });
});
