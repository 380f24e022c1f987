import type { ForwardedAnswer, ForwardTarget } from '@millrace/platform/rest';
import { InstanceUnavailable } from '@millrace/platform/rest';
import { expect, test } from 'vitest';
import { ClientManagers } from './client-managers.ts';

const caller = { tenant: 'acme', key: { tenant: 'acme', keyId: 'k', scopes: ['read'], expiresAtMicros: null } };
const request = { method: 'PUT', url: '/v1/connections/plant', body: {}, headers: {} };
const answer: ForwardedAnswer = { status: 200, headers: {}, text: '{}' };
const starting: ForwardedAnswer = { status: 503, headers: {}, text: '{"code":"not_ready"}' };

/** By address: an answer, or whether a request that is not answered may have arrived. */
function managersOf(behaviour: Readonly<Record<string, ForwardedAnswer | boolean>>): {
  readonly managers: ClientManagers;
  readonly asked: string[];
} {
  const asked: string[] = [];
  const send = ({ url }: ForwardTarget): Promise<ForwardedAnswer> => {
    asked.push(url);
    const what = behaviour[url]!;
    return typeof what === 'boolean'
      ? Promise.reject(new InstanceUnavailable(null, what, undefined))
      : Promise.resolve(what);
  };
  return { managers: new ClientManagers(Object.keys(behaviour), { send }), asked };
}

test('the first that answers is the only one that is asked', async () => {
  const { managers, asked } = managersOf({ a: answer, b: answer });
  expect(await managers.ask(caller, request, false)).toBe(answer);
  expect(asked).toEqual(['a']);
});

test('the next is asked when one is not reached or is starting', async () => {
  const { managers, asked } = managersOf({ a: false, b: starting, c: answer });
  expect(await managers.ask(caller, request, false)).toBe(answer);
  expect(asked).toEqual(['a', 'b', 'c']);
});

test('what one may have done is asked of the next only when it may be done twice', async () => {
  const once = managersOf({ a: true, b: answer });
  await expect(once.managers.ask(caller, request, false)).rejects.toMatchObject({ code: 'instance_unavailable' });
  expect(once.asked).toEqual(['a']);
  expect(await managersOf({ a: true, b: answer }).managers.ask(caller, request, true)).toBe(answer);
});

test('when nobody answers, or nobody is known, that is the error', async () => {
  const { managers } = managersOf({ a: false, b: starting });
  await expect(managers.ask(caller, request, false)).rejects.toMatchObject({
    code: 'instance_unavailable',
    status: 503,
  });
  await expect(managersOf({}).managers.ask(caller, request, true)).rejects.toThrow('MILLRACE_CLIENT_MANAGER_URLS');
});
