import { ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { Deadlines } from './deadlines.ts';

test('each item is due after its own time, unless it ended or began anew', async () => {
  const clock = new ManualClock();
  const due: string[] = [];
  const deadlines = new Deadlines<string>(100, clock, (item) => due.push(item));
  for (const item of ['first', 'ended', 'anew']) deadlines.start(item);
  await clock.advance(60);
  deadlines.end('ended');
  deadlines.start('anew');
  await clock.advance(40);
  expect(due).toEqual(['first']);
  await clock.advance(60);
  expect(due).toEqual(['first', 'anew']);
  expect(clock.sleeping).toBe(0);
});

test('nothing is due after closing', async () => {
  const clock = new ManualClock();
  const due: string[] = [];
  const deadlines = new Deadlines<string>(100, clock, (item) => due.push(item));
  deadlines.start('a');
  deadlines.close();
  deadlines.start('b');
  await clock.advance(200);
  expect(due).toEqual([]);
  expect(clock.sleeping).toBe(0);
});
