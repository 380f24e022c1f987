import { expect, test } from 'vitest';
import { instanceCounts } from './instance-counts.ts';

test('each word is a service and its number of instances', () => {
  expect(instanceCounts(['parser=3', 'alarm-evaluator=2'])).toEqual({ parser: 3, 'alarm-evaluator': 2 });
});

test.each([
  [['parser'], 'Write service=N, for example parser=3, not parser.'],
  [['parser=-1'], 'Write service=N'],
  [['parser=3x'], 'Write service=N'],
  [['parser=3', 'parser=1'], 'parser is named twice.'],
])('%j is refused: %s', (words, sentence) => {
  expect(() => instanceCounts(words)).toThrow(sentence);
});
