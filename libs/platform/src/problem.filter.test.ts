import { MillraceError } from '@millrace/contracts';
import type { ArgumentsHost } from '@nestjs/common';
import { HttpException } from '@nestjs/common';
import { expect, test } from 'vitest';
import { ProblemFilter } from './problem.filter.ts';

/** What a client would get, and what the log would say. */
function answerTo(thrown: unknown) {
  const answer = { status: 0, headers: {} as Record<string, string>, body: {} as object, logged: [] as unknown[] };
  const reply = {
    status: (code: number) => ((answer.status = code), reply),
    header: (name: string, value: string) => ((answer.headers[name] = value), reply),
    send: (body: object) => void (answer.body = body),
  };
  const host = { switchToHttp: () => ({ getResponse: () => reply }) } as unknown as ArgumentsHost;
  new ProblemFilter({ write: (_level, sentence) => void answer.logged.push(sentence) }).catch(thrown, host);
  return answer;
}

test('our own errors keep their code, and the wrong credential is told how to ask', () => {
  const answer = answerTo(new MillraceError('unauthenticated', 'Use the key of the device.'));
  expect(answer).toMatchObject({
    status: 401,
    body: { code: 'unauthenticated', retry: 'never', detail: 'Use the key of the device.' },
    headers: { 'content-type': 'application/problem+json' },
    logged: [],
  });
  expect(answer.headers['www-authenticate']).toContain('Basic');
});

test.each([
  [new HttpException('Cannot GET /x', 404), 404, 'not_found'],
  [Object.assign(new Error('Unsupported Media Type'), { statusCode: 415 }), 415, 'unsupported_media_type'],
  [Object.assign(new Error('Request body is too large'), { statusCode: 413 }), 413, 'body_too_large'],
  [new HttpException('Unexpected token', 400), 400, 'malformed_body'],
])('an error of the framework gets our code: %s', (thrown, status, code) => {
  expect(answerTo(thrown)).toMatchObject({ status, body: { code, status } });
});

test('who reached a quota is told which one and when to come again, if that helps', () => {
  const rate = { name: 'messagesPerSecond', limit: 10, retryAfterSeconds: 3 } as const;
  const answer = answerTo(new MillraceError('quota_exceeded', 'Send again in 3 s.', { quota: rate }));
  expect(answer).toMatchObject({ status: 429, body: { quota: rate, retry: 'later' }, headers: { 'retry-after': '3' } });
  const quota = { name: 'devices', limit: 10, retryAfterSeconds: null } as const;
  const full = answerTo(new MillraceError('quota_exceeded', 'Delete some.', { quota }));
  expect(full).toMatchObject({ status: 429, body: { quota } });
  expect(full.headers).not.toHaveProperty('retry-after');
});

test("a stranger's error shows nothing of itself to the client and everything to the log", () => {
  const answer = answerTo(new TypeError('secret of undefined'));
  expect(answer).toMatchObject({ status: 500, body: { code: 'internal' }, logged: ['A request failed.'] });
  expect(JSON.stringify(answer.body)).not.toContain('secret');
});
