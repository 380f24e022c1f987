import { expect, test } from 'vitest';
import { chosenTests } from './test.ts';

test.each([
  [[], ['unit', 'integration', 'integrity'], undefined],
  [['unit'], ['unit'], undefined],
  [['integration', 'libs/kafka'], ['integration'], 'libs/kafka'],
  [['libs/kafka'], ['unit', 'integration', 'integrity'], 'libs/kafka'],
])('%j runs %j', (words, chosen, pattern) => {
  expect(chosenTests(words)).toEqual({ chosen, pattern });
});

test('an unknown kind is named', () => {
  expect(() => chosenTests(['quick', 'libs/kafka'])).toThrow(
    'There is no kind of test quick; there are unit, integration, integrity.',
  );
});
