/** Has the api make every secret that it makes, and gives each to the canaries. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { ApiUnderTest } from './api-under-test.ts';
import type { Canaries } from './canaries.ts';

type Json = Readonly<Record<string, unknown>>;

/** The part behind the id of a key, or all of it. */
const secretPart = (text: unknown): string => (text as string).split('.').at(-1)!;

async function made(
  api: ApiUnderTest,
  path: string,
  body?: object,
  headers?: Readonly<Record<string, string>>,
): Promise<Json> {
  const response = await api.send('POST', path, body, headers);
  const answer = (await response.json()) as Json;
  expect(response.ok, `${path}: ${JSON.stringify(answer)}`).toBe(true);
  return answer;
}

/** Keys and passwords, each asked for twice under one Idempotency-Key. */
export async function makeSecrets(api: ApiUnderTest, canaries: Canaries): Promise<void> {
  const twice = async (member: string, path: string, body?: object): Promise<Json> => {
    const headers = { 'idempotency-key': randomUUID() };
    let answer: Json = {};
    for (const time of ['first', 'second']) {
      answer = await made(api, path, body, headers);
      canaries.add(`${path}, ${time} time`, secretPart(answer[member]));
    }
    return answer;
  };
  const { keyId } = await twice('key', '/v1/api-keys', { scopes: ['read'] });
  await twice('key', `/v1/api-keys/${keyId as string}/rotate`, {});
  await twice('key', '/v1/device-credentials', { deviceUid: 'd1', kind: 'key' });
  await twice('password', '/v1/devices/d1/password');
}
