import { ManualClock } from '@millrace/testkit';
import { expect, test, vi } from 'vitest';
import { Rounds } from './rounds.ts';

const pauseMs = 1_000;

test('a round comes after each pause, and never beside another', async () => {
  const clock = new ManualClock();
  const ends: (() => void)[] = [];
  const rounds = new Rounds({ pauseMs, clock, round: () => new Promise((resolve) => ends.push(resolve)) });
  rounds.start();
  expect(ends).toHaveLength(0);
  await clock.advance(pauseMs);
  expect(ends).toHaveLength(1);
  await clock.advance(10 * pauseMs);
  expect(ends).toHaveLength(1);
  ends[0]!();
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));
  await clock.advance(pauseMs);
  expect(ends).toHaveLength(2);
  ends[1]!();
  await rounds.stop();
});

test('stopping aborts the round that runs, waits for its end, and no other begins', async () => {
  const clock = new ManualClock();
  const course: string[] = [];
  const round = async (signal: AbortSignal): Promise<void> => {
    course.push('begun');
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    course.push('ended');
  };
  const rounds = new Rounds({ pauseMs, clock, round });
  rounds.start();
  await clock.advance(pauseMs);
  await rounds.stop();
  await clock.advance(10 * pauseMs);
  expect(course).toEqual(['begun', 'ended']);
});

test('stopping ends a pause at once, and is no matter before the start', async () => {
  const clock = new ManualClock();
  const round = vi.fn();
  await new Rounds({ pauseMs, clock, round }).stop();
  const rounds = new Rounds({ pauseMs, clock, round });
  rounds.start();
  await rounds.stop();
  expect(round).not.toHaveBeenCalled();
});
