import { type ConfigurationPosition, type PublishedPosition, topics } from '@millrace/contracts';
import type { Table } from '@millrace/kafka';
import { ManualClock } from '@millrace/testkit';
import { beforeEach, expect, test } from 'vitest';
import { Propagation } from './propagation.ts';

const [devices, scripts] = [topics.configDevices.name, topics.configScripts.name];

/** Both topics as a test writes them, and what waits for them. */
class Topics {
  readonly clock = new ManualClock(1_000_000);
  readonly #waiters = new Set<{ readonly condition: () => boolean; readonly resolve: () => void }>();
  #published: Table<PublishedPosition> | undefined;
  #positions: Table<ConfigurationPosition> | undefined;

  readonly open = (): Promise<Propagation> =>
    Propagation.over(this.clock, ([published, positions]) => {
      this.#published = published;
      this.#positions = positions;
      return Promise.resolve({ until: (...wanted) => this.#until(...wanted), close: () => Promise.resolve() });
    });

  publish(topic: string, offset: number, key = `${topic}/0`): void {
    this.#published?.apply(key, { topic, partition: 0, offset, publishedAtMicros: this.#micros }, 0n);
    this.#fetched();
  }

  report(
    key: string,
    offsets: Readonly<Record<string, number>> | null,
    settled?: Readonly<Record<string, number>>,
  ): void {
    const [service, instance] = key.split('/') as [string, string];
    this.#positions?.apply(
      key,
      offsets && { service, instance, reportedAtMicros: this.#micros, offsets, settledOffsets: settled ?? offsets },
      0n,
    );
    this.#fetched();
  }

  get #micros(): number {
    return this.clock.nowMs() * 1_000;
  }

  #fetched(): void {
    for (const { condition, resolve } of this.#waiters) if (condition()) resolve();
  }

  async #until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiters.add({ condition, resolve });
    signal.addEventListener('abort', () => reject(signal.reason));
    await promise;
  }
}

let written: Topics;
let propagation: Propagation;
beforeEach(async () => {
  written = new Topics();
  propagation = await written.open();
});

const current = async () => propagation.stateOf(await propagation.marked.at(0n));

test('a change is live when every instance that follows its topic has it', async () => {
  written.publish(devices, 5);
  written.publish(scripts, 9);
  expect(await current()).toMatchObject({ live: false, instances: [] });
  written.report('parser/a', { [devices]: 5, [scripts]: 7 });
  written.report('gateway/b', { [devices]: 3 });
  written.report('historian/c', { 'config.tenants.v1': -1 });
  const reportedAtMicros = 1_000_000_000;
  expect(await current()).toEqual({
    live: false,
    publishedAtMicros: reportedAtMicros,
    instances: [
      { service: 'gateway', instance: 'b', live: false, behind: 2, reportedAtMicros },
      { service: 'historian', instance: 'c', live: true, behind: 0, reportedAtMicros },
      { service: 'parser', instance: 'a', live: false, behind: 2, reportedAtMicros },
    ],
  });
  written.report('parser/a', { [devices]: 5, [scripts]: 9 });
  written.report('gateway/b', { [devices]: 6 });
  expect(await current()).toMatchObject({ live: true });
});

test('an instance that stopped does not count, nor one that has not reported for ninety seconds', async () => {
  written.publish(devices, 5);
  written.report('parser/alive', { [devices]: 5 });
  written.report('parser/stopped', { [devices]: 1 });
  written.report('parser/dead', { [devices]: 1 });
  written.report('parser/stopped', null);
  await written.clock.advance(89_000);
  written.report('parser/alive', { [devices]: 5 });
  expect((await current()).instances.map(({ instance }) => instance)).toEqual(['alive', 'dead']);
  await written.clock.advance(2_000);
  expect(await current()).toMatchObject({ live: true, instances: [{ instance: 'alive' }] });
});

test('other records of the publisher are no partitions', async () => {
  written.publish(devices, 5);
  written.publish(devices, 1_000, 'outbox');
  written.report('parser/a', { [devices]: 5 });
  expect(await current()).toMatchObject({ live: true });
});

test('who waits is answered when the last instance has what was published at the call', async () => {
  written.publish(devices, 5);
  written.report('parser/a', { [devices]: 4 });
  const waiting = propagation.awaitLive(undefined, 60_000, propagation.marked);
  written.publish(devices, 6);
  written.report('parser/a', { [devices]: 5 });
  expect(await waiting).toMatchObject({ live: true, instances: [{ behind: 0 }] });
});

test('who waits for a topic that is lost meanwhile is answered when everybody has what was published again', async () => {
  written.publish(devices, 50);
  written.report('parser/a', { [devices]: -1 });
  const waiting = propagation.awaitLive(undefined, 60_000, propagation.marked);
  written.publish(devices, 5);
  written.report('parser/a', { [devices]: 5 });
  expect(await waiting).toMatchObject({ live: true });
});

test('who waits for what does not come is told after the time', async () => {
  written.publish(devices, 5);
  written.report('parser/a', { [devices]: 4 });
  expect(await propagation.awaitLive(undefined, 20, propagation.marked)).toMatchObject({
    live: false,
    instances: [{ behind: 1 }],
  });
});

test('a position that is not published yet is asked for again after the next publication, and only then', async () => {
  written.publish(devices, 5);
  written.report('parser/a', { [devices]: 5 });
  const asked: bigint[] = [];
  let known: ReadonlyMap<string, bigint> | undefined;
  const offsets = {
    at: (position: bigint) => {
      asked.push(position);
      return Promise.resolve(known);
    },
  };
  expect(await propagation.awaitLive(7n, 20, offsets)).toMatchObject({ live: false, instances: [{ behind: null }] });
  asked.length = 0;
  const waiting = propagation.awaitLive(7n, 60_000, offsets);
  await written.clock.advance(0);
  written.report('parser/a', { [devices]: 5 });
  await written.clock.advance(0);
  known = new Map([[devices, 6n]]);
  written.report('parser/a', { [devices]: 6 });
  written.publish(devices, 6);
  expect(await waiting).toMatchObject({ live: true });
  expect(asked).toEqual([7n, 7n]);
});

test('the age of the oldest change that is not live does not begin anew with each change', async () => {
  written.report('parser/a', { [devices]: 0 });
  written.publish(devices, 0);
  await written.clock.advance(5_000);
  expect([propagation.pendingSeconds, propagation.instancesBehind]).toEqual([0, 0]);
  for (const offset of [1, 2, 3]) {
    written.publish(devices, offset);
    await written.clock.advance(10_000);
  }
  expect([propagation.pendingSeconds, propagation.instancesBehind]).toEqual([30, 1]);
  written.report('parser/a', { [devices]: 2 });
  expect(propagation.pendingSeconds).toBe(10);
  written.report('parser/a', { [devices]: 3 });
  expect([propagation.pendingSeconds, propagation.instancesBehind]).toEqual([0, 0]);
});

test('a change that was lost with its topic is pending until all is published again, at lower offsets', async () => {
  written.publish(devices, 50);
  written.report('parser/a', { [devices]: 50 });
  expect(propagation.pendingSeconds).toBe(0);
  await written.clock.advance(10_000);
  written.report('parser/a', { [devices]: -1 });
  expect(propagation.pendingSeconds).toBe(10);
  written.publish(devices, 5);
  written.report('parser/a', { [devices]: 5 });
  expect([propagation.pendingSeconds, propagation.instancesBehind]).toEqual([0, 0]);
});

test('who waits for what is settled is answered when the last instance has ended what it had begun before', async () => {
  written.publish(devices, 5);
  written.report('parser/a', { [devices]: 5 }, { [devices]: 4 });
  const waiting = propagation.awaitLive(0n, 60_000, propagation.marked, 'settled');
  expect(propagation.stateOf(await propagation.marked.at(0n), 'settled')).toMatchObject({ live: false });
  written.report('parser/a', { [devices]: 5 });
  expect(await waiting).toMatchObject({ live: true, instances: [{ behind: 0 }] });
});
