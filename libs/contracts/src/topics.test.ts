import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { deadLetterTopicOf, topics } from './topics.ts';

const catalogue = Object.values(topics);

test('topic names are domain.entity.vN in lower case', () => {
  for (const { name, schema } of catalogue)
    expect(name).toMatch(schema ? /^[a-z]+\.[a-z-]+\.v\d+$/ : /^[a-z]+\.[a-z-]+\.v\d+\.dlq$/);
});

test('every topic with a schema has its committed file, and every file its topic', () => {
  const files = globSync(`${import.meta.dirname}/../schemas/*.avsc`).map((file) => basename(file, '.avsc'));
  expect(files.toSorted()).toEqual(
    catalogue
      .filter(({ schema }) => schema)
      .map(({ name }) => name)
      .toSorted(),
  );
});

test('topics that carry the same device share its partition number', () => {
  const { raw, parked, points, alarmEvents, alarmStates, statisticResults, rawDeadLetters } = topics;
  const counts = [raw, parked, points, alarmEvents, alarmStates, statisticResults, rawDeadLetters].map(
    ({ partitions }) => partitions,
  );
  expect(new Set(counts).size).toBe(1);
});

test('every consumed topic has a place for its dead letters', () => {
  const names = catalogue.map(({ name }) => name as string);
  for (const { name } of [topics.raw, topics.parked, topics.points, topics.alarmEvents, topics.statisticResults])
    expect(names).toContain(deadLetterTopicOf(name));
});

test('configuration is compacted, in one partition, and for the house only', () => {
  for (const topic of catalogue.filter(({ name }) => name.startsWith('config.')))
    expect(topic).toMatchObject({ retention: 'compacted', partitions: 1, audience: 'internal' });
});
