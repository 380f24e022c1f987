import { MillraceError } from '@millrace/contracts';
import { ManualClock } from '@millrace/testkit';
import { beforeEach, expect, test } from 'vitest';
import { RequestGate } from './request-gate.ts';

let clock: ManualClock;
let gate: RequestGate;

beforeEach(() => {
  clock = new ManualClock();
  gate = new RequestGate(clock);
});

const done = async (): Promise<string> => 'done';
const refused = (code: string): unknown => expect.objectContaining({ code });

test('no more than four requests are at work at a time', async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const working = [1, 2, 3, 4].map((n) => gate.pass('a', `s${n}`, () => promise));
  await expect(gate.pass('a', 's5', done)).rejects.toEqual(refused('overloaded'));
  resolve('done');
  await Promise.all(working);
  expect(await gate.pass('a', 's5', done)).toBe('done');
});

test('a name has a reserve of a hundred and ten a second, and others have their own', async () => {
  for (let n = 0; n < 100; n += 1) await gate.pass('a', 's1', done);
  await expect(gate.pass('a', 's1', done)).rejects.toEqual(refused('overloaded'));
  expect(await gate.pass('a', 's2', done)).toBe('done');
  await clock.advance(1_000);
  for (let n = 0; n < 10; n += 1) await gate.pass('a', 's1', done);
  await expect(gate.pass('a', 's1', done)).rejects.toEqual(refused('overloaded'));
});

test('ten wrong credentials for a name from an address are enough for a minute', async () => {
  const wrong = (): Promise<never> => Promise.reject(new MillraceError('unauthenticated', 'Wrong.'));
  for (let n = 0; n < 10; n += 1) await expect(gate.pass('a', 's1', wrong)).rejects.toEqual(refused('unauthenticated'));
  await expect(gate.pass('a', 's1', done)).rejects.toEqual(refused('too_many_attempts'));
  expect(await gate.pass('b', 's1', done)).toBe('done');
  await clock.advance(60_000);
  expect(await gate.pass('a', 's1', done)).toBe('done');
});
