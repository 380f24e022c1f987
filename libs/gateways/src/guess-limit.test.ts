import { ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { GuessLimit, guessWindowMs } from './guess-limit.ts';

const tooMany = expect.objectContaining({ code: 'too_many_attempts', retry: 'later' });

test('ten wrong ones in a minute are too many, for this name alone, until the minute is over', async () => {
  const clock = new ManualClock();
  const limit = new GuessLimit(clock);
  for (let count = 0; count < 10; count += 1) {
    limit.check('d1');
    limit.wrong('d1');
  }
  expect(() => limit.check('d1')).toThrow(tooMany);
  limit.check('d2');
  await clock.advance(guessWindowMs - 1);
  expect(() => limit.check('d1')).toThrow(tooMany);
  await clock.advance(1);
  limit.check('d1');
  limit.wrong('d1');
  limit.check('d1');
});

test('nobody fills the memory with names, and the newest are remembered', () => {
  const limit = new GuessLimit(new ManualClock());
  for (let count = 0; count < 10; count += 1) limit.wrong('first');
  for (let count = 0; count < 9_999; count += 1) limit.wrong(`name ${count}`);
  expect(() => limit.check('first')).toThrow(tooMany);
  limit.wrong('one more');
  limit.check('first');
  for (let count = 0; count < 9; count += 1) limit.wrong('one more');
  expect(() => limit.check('one more')).toThrow(tooMany);
});
