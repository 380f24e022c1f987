import { ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { Quarantine } from './quarantine.ts';

const script = { name: 'acme/loops@1', language: 'javascript', source: '' };

function failing(times: number): { quarantine: Quarantine; clock: ManualClock } {
  const clock = new ManualClock();
  const quarantine = new Quarantine(clock);
  for (let time = 0; time < times; time += 1) quarantine.failed(script);
  return { quarantine, clock };
}

test('two failures are the messages', () => {
  expect(failing(2).quarantine.failureOf(script)).toBeUndefined();
});

test('three failures in a row are the script: it rests', () => {
  expect(failing(3).quarantine.failureOf(script)).toMatchObject({ code: 'script_timeout' });
});

test('a success in between starts the count again', () => {
  const { quarantine } = failing(2);
  quarantine.succeeded(script);
  quarantine.failed(script);
  expect(quarantine.failureOf(script)).toBeUndefined();
});

test('after its rest a script is tried again, and rests at once when it still fails', async () => {
  const { quarantine, clock } = failing(3);
  await clock.advance(5_000);
  expect(quarantine.failureOf(script)).toBeUndefined();
  quarantine.failed(script);
  expect(quarantine.failureOf(script)).toBeDefined();
});

test('other scripts do not rest', () => {
  expect(failing(3).quarantine.failureOf({ ...script })).toBeUndefined();
});
