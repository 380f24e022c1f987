import type { Sandbox } from '@millrace/sandbox';
import { ManualClock } from '@millrace/testkit';
import { beforeEach, expect, test } from 'vitest';
import { ScriptRunner } from './script-runner.ts';

const idleMsMax = 60_000;

let clock: ManualClock;
let log: string[];
let failing: boolean;
let runner: ScriptRunner;

/** Tells when it starts and ends. */
const sandbox = {
  start() {
    log.push('start');
    return failing ? Promise.reject(new Error('no process')) : Promise.resolve();
  },
  close() {
    log.push('close');
    return Promise.resolve();
  },
} as unknown as Sandbox;

beforeEach(() => {
  clock = new ManualClock();
  [log, failing] = [[], false];
  runner = new ScriptRunner(clock, () => sandbox);
});

const run = (tenant = 'acme'): Promise<string> => runner.run(tenant, () => Promise.resolve('done'));

test('the sandbox starts with the first run, is kept for the next, and ends after a minute without one', async () => {
  expect(log).toEqual([]);
  expect([await run(), await run()]).toEqual(['done', 'done']);
  await clock.advance(idleMsMax - 1);
  await run();
  await clock.advance(idleMsMax - 1);
  expect(log).toEqual(['start']);
  await clock.advance(1);
  expect(log).toEqual(['start', 'close']);
  await run();
  expect(log).toEqual(['start', 'close', 'start']);
});

test('a sandbox that is used does not end', async () => {
  await run();
  const going = Promise.withResolvers<string>();
  const lasting = runner.run('acme', () => going.promise);
  await clock.advance(2 * idleMsMax);
  expect(log).toEqual(['start']);
  going.resolve('late');
  expect(await lasting).toBe('late');
});

test('runs of a tenant take turns, also behind one that failed; another tenant does not wait', async () => {
  const first = Promise.withResolvers<never>();
  const failed = runner.run('acme', () => first.promise);
  let isGoing = true;
  const second = run().then(() => isGoing);
  expect(await run('other')).toBe('done');
  isGoing = false;
  first.reject(new Error('failed'));
  await expect(failed).rejects.toThrow('failed');
  expect(await second).toBe(false);
});

test('a process that did not start is tried again by the next run', async () => {
  failing = true;
  await expect(run()).rejects.toThrow('no process');
  failing = false;
  expect(await run()).toBe('done');
  expect(log).toEqual(['start', 'start']);
});

test('after close nobody runs any more, and who runs is told by the signal', async () => {
  const lasting = runner.run(
    'acme',
    (_, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  );
  await run('other');
  await runner.close();
  await expect(lasting).rejects.toMatchObject({ code: 'not_ready' });
  await expect(run()).rejects.toMatchObject({ code: 'not_ready' });
  expect(log).toEqual(['start', 'close']);
});
