import type { LeaseReply, LeaseStore } from '@millrace/leases';
import { ManualClock } from '@millrace/testkit';
import { beforeEach, expect, test } from 'vitest';
import { KafkaReach } from './kafka-reach.ts';

const ttlMs = 6_000;
const capacity = { connectionsMax: 10, accepting: true };
const request = { kind: 'look' } as Parameters<LeaseStore['ask']>[0];
const reply = {} as LeaseReply;

let clock: ManualClock;
let isAway: boolean;
let told: string[];
let othersAccept: boolean;
let reach: KafkaReach;
let store: LeaseStore;

beforeEach(() => {
  clock = new ManualClock();
  isAway = false;
  told = [];
  othersAccept = true;
  reach = new KafkaReach({
    ask: () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve()),
    ttlMs,
    clock,
    events: { streamLost: () => told.push('lost'), streamFound: () => told.push('found') },
  });
  store = reach.guarded({ ask: () => Promise.resolve(reply), onHint: () => {} }, () => othersAccept);
  reach.start();
});

test('who reaches Kafka gives signs of life for ever', async () => {
  await clock.advance(10 * ttlMs);
  await expect(store.ask(request)).resolves.toBe(reply);
  expect(reach.capacityOf(capacity)).toEqual(capacity);
});

test('who alone does not reach it takes no more connections after a lease time, and gives no sign of life after two', async () => {
  isAway = true;
  await clock.advance(ttlMs + 1);
  expect(reach.capacityOf(capacity)).toEqual({ connectionsMax: 10, accepting: false });
  await expect(store.ask(request)).resolves.toBe(reply);
  await clock.advance(ttlMs);
  await expect(store.ask(request)).rejects.toMatchObject({ code: 'stream_unavailable' });
  expect(told).toEqual(['lost']);
  isAway = false;
  await clock.advance(ttlMs);
  await expect(store.ask(request)).resolves.toBe(reply);
  expect(reach.capacityOf(capacity)).toEqual(capacity);
  expect(told).toEqual(['lost', 'found']);
});

test('while nobody reaches it nothing is given up', async () => {
  isAway = true;
  othersAccept = false;
  await clock.advance(10 * ttlMs);
  await expect(store.ask(request)).resolves.toBe(reply);
  expect(told).toEqual([]);
});
