import { ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { ConfigurationGrace } from './configuration-grace.ts';

test('what is missing is waited for for five seconds from the first look', async () => {
  const clock = new ManualClock();
  const grace = new ConfigurationGrace(clock);
  expect(grace.mayStillArrive('d1')).toBe(true);
  await clock.advance(4_999);
  expect(grace.mayStillArrive('d1')).toBe(true);
  await clock.advance(1);
  expect(grace.mayStillArrive('d1')).toBe(false);
});

test('what was waited for in vain is not waited for again within a minute', async () => {
  const clock = new ManualClock();
  const grace = new ConfigurationGrace(clock);
  grace.mayStillArrive('d1');
  await clock.advance(59_999);
  expect(grace.mayStillArrive('d1')).toBe(false);
  await clock.advance(1);
  expect(grace.mayStillArrive('d1')).toBe(true);
});

test('each has its own time', async () => {
  const clock = new ManualClock();
  const grace = new ConfigurationGrace(clock);
  grace.mayStillArrive('d1');
  await clock.advance(5_000);
  expect(grace.mayStillArrive('d2')).toBe(true);
});

test('no more than 10,000 are remembered: the oldest is waited for again', async () => {
  const clock = new ManualClock();
  const grace = new ConfigurationGrace(clock);
  for (let index = 0; index <= 10_000; index += 1) grace.mayStillArrive(`d${index}`);
  await clock.advance(5_000);
  expect([grace.mayStillArrive('d10000'), grace.mayStillArrive('d0')]).toEqual([false, true]);
});
