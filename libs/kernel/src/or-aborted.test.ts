import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { orAborted } from './or-aborted.ts';

const unfinished = new Promise<never>(() => {});

test('a result or a failure comes through, and nothing is left on the signal', async () => {
  const { signal } = new AbortController();
  await expect(orAborted(Promise.resolve(7), signal)).resolves.toBe(7);
  await expect(orAborted(Promise.reject(new Error('broken')), signal)).rejects.toThrow('broken');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('who gives up leaves with the reason, while another goes on waiting', async () => {
  const work = Promise.withResolvers<string>();
  const giving = new AbortController();
  const leaving = orAborted(work.promise, giving.signal);
  const staying = orAborted(work.promise, new AbortController().signal);
  giving.abort(new Error('no longer wanted'));
  await expect(leaving).rejects.toThrow('no longer wanted');
  work.resolve('done');
  await expect(staying).resolves.toBe('done');
});

test('who had given up before does not wait at all', async () => {
  await expect(orAborted(unfinished, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
});
