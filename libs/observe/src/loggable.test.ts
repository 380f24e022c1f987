import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loggable } from './loggable.ts';

const secretNames =
  'authorization Authorization password userPassword smtp_password passphrase secret clientSecret token';
const moreSecretNames = 'accessToken key apiKey api_key MILLRACE_SECRET_KEY cookie credential';

test.each([...secretNames.split(' '), ...moreSecretNames.split(' ')])('the value of %s is hidden', (name) => {
  expect(loggable({ [name]: 'abc' })).toEqual({ [name]: '[hidden]' });
});

test.each(['keyId', 'deviceKey', 'monkey', 'tokensLeft', 'passed', 'secretary', 'topic'])(
  'the value of %s is shown',
  (name) => {
    expect(loggable({ [name]: 'abc' })).toEqual({ [name]: 'abc' });
  },
);

test('credentials inside an address are hidden', () => {
  expect(loggable({ url: 'smtp://mail:hunter2@127.0.0.1:25/x' })).toEqual({ url: 'smtp://[hidden]@127.0.0.1:25/x' });
});

test('an error shows its class, code, stack and cause, and hides secrets in all of them', () => {
  const cause = new Error('connect redis://:hunter2@cache:6379');
  const error = Object.assign(new TypeError('Store away.', { cause }), {
    code: 'store_unavailable',
    password: 'hunter2',
  });
  const { error: shown } = loggable({ error });
  expect(shown).toMatchObject({ type: 'TypeError', message: 'Store away.', code: 'store_unavailable' });
  expect(shown).toMatchObject({ stack: expect.stringContaining('loggable.test'), cause: { type: 'Error' } });
  expect(JSON.stringify(shown)).not.toContain('hunter2');
});

test('bytes are counted, not shown', () => {
  expect(loggable({ payload: Buffer.from('hunter2') })).toEqual({ payload: '7 bytes' });
});

test('maps, sets, dates and big integers are readable', () => {
  const fields = { map: new Map([['a', 1n]]), set: new Set([2]), at: new Date(0), never: new Date(Number.NaN) };
  expect(loggable(fields)).toEqual({
    map: { a: '1' },
    set: [2],
    at: '1970-01-01T00:00:00.000Z',
    never: 'invalid date',
  });
});

test('a value that holds itself ends', () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  expect(JSON.stringify(loggable({ circle })).length).toBeLessThan(200);
});

test('an endless text is cut and says how long it was', () => {
  const { body } = loggable({ body: 'x'.repeat(1_000_000) });
  expect(body).toHaveLength(4_000 + '… (1000000 characters)'.length);
});

test('whatever is logged, a secret is not in the line and the line can be written', () => {
  const secret = 'hunter2-hunter2';
  const name = fc.constantFrom('password', 'Authorization', 'apiKey', 'token', 'key');
  const leaf = fc.dictionary(name, fc.constant(secret), { minKeys: 1 });
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 8 },
      leaf,
      fc.array(tie('tree')),
      fc.dictionary(fc.string(), tie('tree')),
      fc.anything(),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      expect(JSON.stringify(loggable({ value }))).not.toContain(secret);
    }),
  );
});
