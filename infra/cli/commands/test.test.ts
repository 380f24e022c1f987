import { expect, test } from 'vitest';
import { affectedTests, chosenTests } from './test.ts';

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

test('of affected projects only those count that have tests of the kind', () => {
  const folders = ['infra/bench', 'infra/prove', 'libs/alarms', 'libs/kafka'];
  expect(affectedTests('unit', folders)).toEqual(folders.map((folder) => `${folder}/`));
  expect(affectedTests('integration', folders)).toEqual(['infra/prove/', 'libs/kafka/']);
  expect(affectedTests('integrity', folders)).toEqual(['infra/prove/']);
});

test('a change of the stack runs all integration tests', () => {
  expect(affectedTests('integration', ['infra/stack'])).toEqual(['libs/', 'services/', 'infra/']);
});
