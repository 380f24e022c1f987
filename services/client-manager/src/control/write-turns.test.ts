import { ManualClock } from '@millrace/testkit';
import { expect, test, vi } from 'vitest';
import { LocalTurns, RedisTurns, type TurnStore } from './write-turns.ts';

/** One Redis, as several instances see it. */
class Store implements TurnStore {
  readonly held = new Map<string, string>();
  isAway = false;

  set(key: string, value: string): Promise<unknown> {
    if (this.isAway) return Promise.reject(new Error('away'));
    if (this.held.has(key)) return Promise.resolve(null);
    this.held.set(key, value);
    return Promise.resolve('OK');
  }

  eval(_script: string, _keys: number, key: string, value: string): Promise<unknown> {
    return Promise.resolve(this.held.get(key) === value && this.held.delete(key));
  }
}

test('changes of one connection come one after the other, also after one that failed, and others beside them', async () => {
  const turns = new LocalTurns();
  const first = Promise.withResolvers<void>();
  const order: string[] = [];
  const failing = turns.inTurn('a', async () => {
    await first.promise;
    order.push('a1');
    throw new Error('failed');
  });
  const second = turns.inTurn('a', () => Promise.resolve(order.push('a2')));
  await turns.inTurn('b', () => Promise.resolve(order.push('b1')));
  first.resolve();
  await expect(failing).rejects.toThrow('failed');
  await second;
  expect(order).toEqual(['b1', 'a1', 'a2']);
});

test('another instance waits for its turn, and gives back only its own', async () => {
  const [store, clock] = [new Store(), new ManualClock()];
  const [one, other] = [new RedisTurns(store, clock), new RedisTurns(store, clock)];
  const first = Promise.withResolvers<void>();
  const order: string[] = [];
  const held = one.inTurn('a', async () => {
    await first.promise;
    order.push('one');
  });
  const waiting = other.inTurn('a', () => Promise.resolve(order.push('other')));
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));
  first.resolve();
  await held;
  await clock.advance(50);
  await waiting;
  expect([order, store.held.size]).toEqual([['one', 'other'], 0]);
  await one.inTurn('a', () => Promise.resolve(store.held.set([...store.held.keys()][0]!, 'of another')));
  expect(store.held.size).toBe(1);
});

test('who waits too long, and who asks a Redis that is away, is told to try again', async () => {
  const [store, clock] = [new Store(), new ManualClock()];
  const turns = new RedisTurns(store, clock);
  store.held.set('millrace:{connection-turns}:a', 'of a process that stands still');
  const waiting = expect(turns.inTurn('a', () => Promise.resolve())).rejects.toMatchObject({ code: 'overloaded' });
  for (let waitedMs = 0; waitedMs <= 5_000; waitedMs += 50) {
    await vi.waitFor(() => expect(clock.sleeping).toBe(1));
    await clock.advance(50);
  }
  await waiting;
  store.isAway = true;
  await expect(turns.inTurn('b', () => Promise.resolve())).rejects.toMatchObject({ code: 'cache_unavailable' });
});
