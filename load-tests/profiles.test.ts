import { expect, test } from 'vitest';
import { arrivals, type Load, peakOf, usersOf } from './profiles.ts';

const load = (more: Partial<Load>): Load => ({
  profile: 'smoke',
  messagesPerRequest: 100,
  messagesPerSecond: undefined,
  seconds: undefined,
  ...more,
});

test('the smoke profile keeps one rate from the first second on', () => {
  expect(arrivals(load({}))).toEqual({
    startRate: 300,
    timeUnit: '1m',
    stages: [{ target: 300, duration: '10s' }],
    seconds: 10,
  });
});

test('the stress profile rises to its peak in thirds, and falls', () => {
  const { startRate, stages } = arrivals(load({ profile: 'stress', messagesPerSecond: 3_000, seconds: 60 }));
  expect([startRate, ...stages.map(({ target }) => target)]).toEqual([0, 600, 600, 1_200, 1_200, 1_800, 1_800, 600]);
});

test('rate and time of a run replace those of its profile', () => {
  const wished = load({ profile: 'soak', messagesPerSecond: 100, seconds: 7 });
  expect(peakOf(wished)).toBe(100);
  expect(arrivals(wished)).toMatchObject({ stages: [{ target: 60 }, { target: 60, duration: '7s' }], seconds: 67 });
});

test('there are users for a second of requests, and some for a small load', () => {
  expect(usersOf(load({ messagesPerSecond: 20_000 }))).toBe(200);
  expect(usersOf(load({ messagesPerSecond: 1 }))).toBe(20);
});
