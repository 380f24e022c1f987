import { expect, test } from 'vitest';
import { asMillraceError, errorKinds, MillraceError } from './errors.ts';

test('an error becomes an RFC 9457 problem with code, retry and the wrong fields', () => {
  const errors = [{ field: 'messages[3].time', code: 'invalid_field', detail: 'Give an ISO 8601 time.' }];
  expect(new MillraceError('invalid_field', 'Correct the fields named in errors.', { errors }).toProblem()).toEqual({
    type: 'urn:millrace:error:invalid_field',
    title: 'A field has a wrong value',
    status: 400,
    detail: 'Correct the fields named in errors.',
    code: 'invalid_field',
    retry: 'never',
    errors,
  });
});

test("a stranger's error tells the caller nothing of the inside, and keeps its cause for the log", () => {
  const error = asMillraceError(new TypeError('password=secret'));
  expect(JSON.stringify(error.toProblem())).not.toContain('secret');
  expect(error).toMatchObject({ code: 'internal', retry: 'later', cause: expect.any(TypeError) });
});

test('an error of ours stays itself', () => {
  const error = new MillraceError('overloaded', 'Send again after a second.');
  expect(asMillraceError(error)).toBe(error);
});

test('what the client did wrong is never worth repeating, what we lack is', () => {
  for (const [code, { status, retry }] of Object.entries(errorKinds))
    expect([code, retry]).toEqual([code, status >= 500 || status === 429 ? 'later' : 'never']);
});
