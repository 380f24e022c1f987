import { MillraceError } from '@millrace/contracts';
import { expect, test } from 'vitest';
import { checkWriteAnswer, RowRejected } from './write-answer.ts';

const refusal = (message: string, line?: number) =>
  JSON.stringify({
    code: 'invalid',
    message: `failed to parse line protocol:errors encountered on line(s):\n${message}`,
    line,
  });

function thrownBy(status: number, body: string): unknown {
  try {
    checkWriteAnswer(status, body);
  } catch (error) {
    return error;
  }
  return undefined;
}

test('204 says that everything is stored', () => {
  expect(thrownBy(204, '')).toBeUndefined();
});

test('a refusal that names a line rejects that row for good, with the reason', () => {
  const thrown = thrownBy(400, refusal('error in line 2: column: value; cast error', 2));
  expect(thrown).toBeInstanceOf(RowRejected);
  expect(thrown).toMatchObject({ line: 2, retry: 'never' });
  expect((thrown as Error).message).toBe('QuestDB refused the row: error in line 2: column: value; cast error');
});

test.each([
  [
    'a table that is missing',
    400,
    refusal('error in line 1: table: x; table does not exist, creating new tables is disabled', 1),
  ],
  [
    'a column that is missing',
    400,
    refusal('error in line 1: table: x, column: y; creating new columns is disabled', 1),
  ],
  ['a refusal without a line', 400, refusal('no idea')],
  ['an inner error, though it names a line', 500, refusal('write error: disk full', 1)],
  ['a proxy without a backend', 502, '<html>'],
  ['an answer that is no object', 400, 'null'],
  ['an empty answer', 503, ''],
])('%s is a fault of the store, to be tried again later', (_, status, body) => {
  const thrown = thrownBy(status, body);
  expect(thrown).toBeInstanceOf(MillraceError);
  expect(thrown).toMatchObject({ code: 'store_unavailable', retry: 'later' });
});
