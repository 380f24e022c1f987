import { ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { ConfirmationLimit } from './confirmation-limit.ts';

const never = (): Promise<never> => new Promise(() => undefined);

/** What the sender hears by now. */
function heard(waiting: Promise<unknown>): { outcome: unknown } {
  const result: { outcome: unknown } = { outcome: 'nothing' };
  waiting.then(
    (value) => (result.outcome = value),
    (error: { readonly code: string }) => (result.outcome = error.code),
  );
  return result;
}

test('each sender waits its own time, whatever becomes of the others', async () => {
  const clock = new ManualClock();
  const limit = new ConfirmationLimit(100, clock);
  const first = heard(limit.within(never()));
  await clock.advance(60);
  const quick = heard(limit.within(Promise.resolve('ids')));
  const second = heard(limit.within(never()));
  await clock.advance(40);
  expect([first, quick, second].map(({ outcome }) => outcome)).toEqual(['stream_unavailable', 'ids', 'nothing']);
  await clock.advance(59);
  expect(second.outcome).toBe('nothing');
  await clock.advance(1);
  expect(second.outcome).toBe('stream_unavailable');
});

test('after a time without senders the next one is given up in time as well', async () => {
  const clock = new ManualClock();
  const limit = new ConfirmationLimit(100, clock);
  await limit.within(Promise.resolve());
  await clock.advance(1000);
  expect(clock.sleeping).toBe(0);
  const late = heard(limit.within(never()));
  await clock.advance(100);
  expect(late.outcome).toBe('stream_unavailable');
});

test('an error that comes in time is the one the sender hears, and closing leaves no timer', async () => {
  const clock = new ManualClock();
  const limit = new ConfirmationLimit(100, clock);
  await expect(limit.within(Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  expect(clock.sleeping).toBe(1);
  limit.close();
  expect(clock.sleeping).toBe(0);
});
