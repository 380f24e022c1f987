import { ManualClock } from '@millrace/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CountingHop } from './gateway.suite.ts';
import type { GatewayHandle } from './gateway.ts';
import { guessWindowMs } from './guess-limit.ts';
import { httpGateway } from './http.gateway.ts';
import { AcmeAuthenticator, AcmeTokenDesk } from './testing/acme-authenticator.ts';
import { HeldSink } from './testing/held-sink.ts';

let clock: ManualClock;
let hop: CountingHop;
let handle: GatewayHandle;

beforeEach(async () => {
  clock = new ManualClock();
  hop = new CountingHop();
  handle = await httpGateway.start(httpGateway.settings.parse({ port: 0 }), {
    sink: new HeldSink(),
    authenticator: new AcmeAuthenticator(),
    tokens: new AcmeTokenDesk(),
    hop,
    clock,
    failed: (error) => expect.unreachable(String(error)),
  });
});

afterEach(() => handle.stop());

function ask(form: Readonly<Record<string, string>> | string): Promise<Response> {
  return fetch(`${handle.address}/v1/token`, { method: 'POST', body: new URLSearchParams(form) });
}

const password = { grant_type: 'password', username: 'acme/d1', password: 'right' };

test.each([
  ['its password', password],
  ['its refresh token', { grant_type: 'refresh_token', refresh_token: 'refresh' }],
])('a device gets a token for %s', async (_, form) => {
  const response = await ask(form);
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.json()).toEqual({
    access_token: 'access',
    token_type: 'Bearer',
    expires_in: 3_600,
    refresh_token: 'refresh',
    refresh_expires_in: 86_400,
  });
});

test.each([
  ['401 unauthenticated invalid_grant', { ...password, password: 'wrong' }],
  ['401 unauthenticated invalid_grant', { ...password, username: 'acme/absent' }],
  ['403 device_disabled invalid_grant', { ...password, username: 'acme/off' }],
  ['401 unauthenticated invalid_grant', { grant_type: 'refresh_token', refresh_token: 'access' }],
  ['400 invalid_field unsupported_grant_type', { grant_type: 'implicit' }],
  ['400 invalid_field invalid_request', { username: 'acme/d1' }],
  ['400 invalid_field invalid_request', { grant_type: 'password', username: 'acme/d1', password: '' }],
  ['400 invalid_field invalid_request', 'grant_type=password&username=acme/d1&password=right&password=wrong'],
  ['413 body_too_large invalid_request', { ...password, password: 'x'.repeat(5_000) }],
  ['400 empty_body invalid_request', {}],
])('answers %s, and counts it as no message', async (expected, form) => {
  const response = await ask(form);
  const problem = (await response.json()) as { readonly code: string; readonly error: string };
  expect(`${response.status} ${problem.code} ${problem.error}`).toBe(expected);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(hop).toMatchObject({ taken: 0, refused: {} });
});

test('takes forms only', async () => {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${handle.address}/v1/token`, { method: 'POST', headers, body: '{}' });
  expect(response.status).toBe(415);
});

test('guessing is stopped after some attempts, for what exists and what does not; others are served', async () => {
  for (const username of ['acme/d1', 'acme/absent']) {
    for (let count = 0; count < 10; count += 1)
      expect((await ask({ ...password, username, password: 'wrong' })).status).toBe(401);
    const refused = await ask({ ...password, username, password: 'right' });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(await refused.json()).toMatchObject({ code: 'too_many_attempts', retry: 'later', error: 'invalid_grant' });
  }
  expect((await ask({ grant_type: 'refresh_token', refresh_token: 'refresh' })).status).toBe(200);
  await clock.advance(guessWindowMs);
  expect((await ask(password)).status).toBe(200);
});
