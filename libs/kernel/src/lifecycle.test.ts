import { ManualClock } from '@millrace/testkit';
import { expect, test, vi } from 'vitest';
import { Lifecycle, type LifecycleStep } from './lifecycle.ts';

const limits = { stepStartMsMax: 1_000, stepStopMsMax: 500 };

/** Steps that write down what happens to them. */
function recorded(log: string[], name: string, own: Partial<LifecycleStep> = {}): LifecycleStep {
  const record = (what: string) => (): Promise<void> => {
    log.push(`${what} ${name}`);
    return Promise.resolve();
  };
  return { name, start: record('start'), stop: record('stop'), ...own };
}

const forever = (): Promise<void> => new Promise(() => undefined);

test('steps start in order and stop in reverse', async () => {
  const log: string[] = [];
  const lifecycle = new Lifecycle([recorded(log, 'producer'), recorded(log, 'consumer')], {
    ...limits,
    onChange: (state) => log.push(state),
  });
  expect(lifecycle.state).toBe('starting');
  await lifecycle.start();
  expect(await lifecycle.stop()).toEqual([]);
  expect(log.slice(0, 3)).toEqual(['start producer', 'start consumer', 'ready']);
  expect(log.slice(3)).toEqual(['draining', 'stop consumer', 'stop producer', 'stopped']);
});

test('a step that fails to start stops what was started, the others never start', async () => {
  const log: string[] = [];
  const start = (): Promise<void> => Promise.reject(new Error('no broker'));
  const lifecycle = new Lifecycle(
    [recorded(log, 'registry'), recorded(log, 'producer', { start }), recorded(log, 'consumer')],
    limits,
  );
  await expect(lifecycle.start()).rejects.toThrow('no broker');
  expect(log).toEqual(['start registry', 'stop producer', 'stop registry']);
  expect(lifecycle.state).toBe('stopped');
});

test('a step that starts too long is named', async () => {
  const clock = new ManualClock();
  const lifecycle = new Lifecycle([recorded([], 'consumer', { start: forever })], { ...limits, clock });
  const started = expect(lifecycle.start()).rejects.toThrow('To start consumer took longer than 1000 ms.');
  await clock.advance(1_000);
  await started;
});

test('a step that stops too long or fails is left behind, named, and the others still stop', async () => {
  const clock = new ManualClock();
  const log: string[] = [];
  const stop = (): Promise<void> => Promise.reject(new Error('socket gone'));
  const steps = [recorded(log, 'a'), recorded(log, 'b', { stop: forever }), recorded(log, 'c', { stop })];
  const lifecycle = new Lifecycle(steps, { ...limits, clock });
  await lifecycle.start();
  const stopped = lifecycle.stop();
  await clock.advance(500);
  expect((await stopped).map(({ message }) => message)).toEqual(['socket gone', 'To stop b took longer than 500 ms.']);
  expect(log).toContain('stop a');
});

test('stopping in the middle of a start ends the start', async () => {
  const log: string[] = [];
  const start = (): Promise<void> => {
    log.push('start b');
    return forever();
  };
  const lifecycle = new Lifecycle([recorded(log, 'a'), recorded(log, 'b', { start })], limits);
  const started = expect(lifecycle.start()).rejects.toThrow('stopped while it started');
  await vi.waitFor(() => expect(log).toContain('start b'));
  await lifecycle.stop();
  await started;
  expect(log).toEqual(['start a', 'start b', 'stop b', 'stop a']);
});

test('stopping twice is stopping once', async () => {
  const log: string[] = [];
  const lifecycle = new Lifecycle([recorded(log, 'a')], limits);
  await lifecycle.start();
  await Promise.all([lifecycle.stop(), lifecycle.stop()]);
  expect(log).toEqual(['start a', 'stop a']);
});

test('no timer is left behind', async () => {
  const clock = new ManualClock();
  const lifecycle = new Lifecycle([recorded([], 'a')], { ...limits, clock });
  await lifecycle.start();
  await lifecycle.stop();
  expect(clock.sleeping).toBe(0);
});
