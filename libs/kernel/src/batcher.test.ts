import { ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { Batcher } from './batcher.ts';

/** A store that answers when the test says so. */
class HeldStore {
  readonly batches: (readonly string[])[] = [];
  readonly signals: AbortSignal[] = [];
  #ends: PromiseWithResolvers<void>[] = [];

  readonly write = (items: readonly string[], signal: AbortSignal): Promise<void> => {
    const end = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => end.reject(signal.reason));
    this.batches.push([...items]);
    this.signals.push(signal);
    this.#ends.push(end);
    return end.promise;
  };

  succeed(): void {
    this.#ends.shift()!.resolve();
  }

  fail(error: Error): void {
    this.#ends.shift()!.reject(error);
  }
}

function setUp(limits: { weightMax?: number; lingerMs?: number; waitingWeightMax?: number } = {}) {
  const clock = new ManualClock();
  const store = new HeldStore();
  const { write } = store;
  const batcher = new Batcher<string>({ write, clock, weightMax: 3, lingerMs: 10, waitingWeightMax: 100, ...limits });
  return { batcher, clock, store };
}

test('a lone item is written when the linger time is over, not before', async () => {
  const { batcher, clock, store } = setUp({ lingerMs: 10 });
  void batcher.offer('a', 1);
  await clock.advance(9);
  expect(store.batches).toEqual([]);
  await clock.advance(1);
  expect(store.batches).toEqual([['a']]);
});

test('a full batch is written at once', () => {
  const { batcher, store } = setUp({ weightMax: 3 });
  for (const item of ['a', 'b', 'c']) void batcher.offer(item, 1);
  expect(store.batches).toEqual([['a', 'b', 'c']]);
});

test('an item that does not fit any more sends the batch before it off', () => {
  const { batcher, store } = setUp({ weightMax: 3 });
  void batcher.offer('a', 2);
  void batcher.offer('b', 2);
  expect(store.batches).toEqual([['a']]);
});

test('without linger time the first item goes at once and the others while it is being written', async () => {
  const { batcher, clock, store } = setUp({ lingerMs: 0 });
  for (const item of ['a', 'b', 'c']) void batcher.offer(item, 1);
  expect(store.batches).toEqual([['a']]);
  store.succeed();
  await clock.advance(0);
  expect(store.batches).toEqual([['a'], ['b', 'c']]);
});

test('a batch whose time came during a write still takes items until its turn', async () => {
  const { batcher, clock, store } = setUp({ lingerMs: 10, weightMax: 3 });
  void batcher.offer('a', 3);
  void batcher.offer('b', 1);
  await clock.advance(10);
  void batcher.offer('c', 1);
  expect(store.batches).toEqual([['a']]);
  store.succeed();
  await clock.advance(0);
  expect(store.batches).toEqual([['a'], ['b', 'c']]);
});

test('all offers of a batch share one promise', () => {
  const { batcher } = setUp({ weightMax: 3 });
  expect(batcher.offer('a', 1)).toBe(batcher.offer('b', 1));
});

test('a failed write rejects its own batch and the next one is written', async () => {
  const { batcher, store } = setUp({ weightMax: 1 });
  const first = batcher.offer('a', 1);
  const second = batcher.offer('b', 1);
  store.fail(new Error('full disk'));
  await expect(first).rejects.toThrow('full disk');
  store.succeed();
  await expect(second).resolves.toBeUndefined();
  expect(store.batches).toEqual([['a'], ['b']]);
});

test('what is being written counts until it is settled', async () => {
  const { batcher, store } = setUp({ weightMax: 2, waitingWeightMax: 4 });
  const first = batcher.offer('a', 2);
  void batcher.offer('b', 2);
  expect(batcher.offer('c', 1)).toBeUndefined();
  expect(batcher.waitingWeight).toBe(4);
  store.succeed();
  await first;
  expect(batcher.waitingWeight).toBe(2);
  expect(batcher.offer('c', 1)).toBeDefined();
});

test('an item heavier than every limit is taken alone when nothing waits', () => {
  const { batcher, store } = setUp({ weightMax: 3, waitingWeightMax: 5 });
  expect(batcher.offer('giant', 50)).toBeDefined();
  expect(store.batches).toEqual([['giant']]);
  expect(batcher.offer('a', 1)).toBeUndefined();
});

test('room comes when a write ends, whatever became of it', async () => {
  const { batcher, store } = setUp({ weightMax: 1, waitingWeightMax: 1 });
  batcher.offer('a', 1)?.catch(() => undefined);
  const room = batcher.room();
  store.fail(new Error('away'));
  await room;
  expect(batcher.offer('b', 1)).toBeDefined();
});

test('there is room at once when nothing waits', async () => {
  await expect(setUp().batcher.room()).resolves.toBeUndefined();
});

test('waiting for room ends with the signal', async () => {
  const { batcher } = setUp({ weightMax: 1, waitingWeightMax: 1 });
  void batcher.offer('a', 1);
  const stopping = new AbortController();
  const room = batcher.room(stopping.signal);
  stopping.abort(new Error('stopping'));
  await expect(room).rejects.toThrow('stopping');
});

test('a flush writes without lingering and waits also for what is being written', async () => {
  const { batcher, clock, store } = setUp({ weightMax: 2 });
  void batcher.offer('a', 2);
  void batcher.offer('b', 1);
  let flushed = false;
  const flush = batcher.flush().then(() => (flushed = true));
  store.succeed();
  await clock.advance(0);
  expect(store.batches).toEqual([['a'], ['b']]);
  expect(flushed).toBe(false);
  store.succeed();
  await flush;
});

test('closing writes what waits and takes no more', async () => {
  const { batcher, store } = setUp();
  const offer = batcher.offer('a', 1);
  const closed = batcher.close();
  expect(() => batcher.offer('b', 1)).toThrow('closed');
  store.succeed();
  await closed;
  await expect(offer).resolves.toBeUndefined();
});

test('closing that may wait no longer stops the write and rejects what waits', async () => {
  const { batcher, store } = setUp({ weightMax: 1 });
  const stopping = new AbortController();
  const offers = [batcher.offer('a', 1), batcher.offer('b', 1)];
  const closed = batcher.close(stopping.signal);
  stopping.abort(new Error('out of time'));
  await closed;
  for (const offer of offers) await expect(offer).rejects.toThrow('out of time');
  expect(store.batches).toEqual([['a']]);
  expect(store.signals[0]?.aborted).toBe(true);
  expect(batcher.waitingWeight).toBe(0);
});
