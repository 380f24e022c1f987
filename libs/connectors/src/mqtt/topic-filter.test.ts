import { expect, test } from 'vitest';
import { topicFilterProblem } from './topic-filter.ts';

test.each(['a', '/', '+', '#', 'a/+/b', 'a/#', '+/+/#', '$share/group/a/#', '$SYS/x'])(
  '%s is a topic filter',
  (filter) => {
    expect(topicFilterProblem(filter)).toBeUndefined();
  },
);

test.each(['', 'a+', 'a/#/b', '#/a', 'a/b#', '$share', '$share/g', '$share//a', '$share/g+/a', '$share/g/', 'a\0b'])(
  'the topic filter "%s" is refused with a sentence',
  (filter) => {
    expect(topicFilterProblem(filter)).toMatch(/\.$/);
  },
);

test('a filter longer than its length field can say is refused', () => {
  expect(topicFilterProblem('a'.repeat(65_535))).toBeUndefined();
  expect(topicFilterProblem('ä'.repeat(32_768))).toMatch('65535');
});
