import { expect, test } from 'vitest';
import { Readiness } from './readiness.ts';

test('a service is ready between its start and its end, when no check objects', () => {
  const readiness = new Readiness();
  let away = true;
  readiness.add('store', () => (away ? 'QuestDB does not answer.' : undefined));
  readiness.starts('waits for Kafka and its topics');
  expect(readiness.reasons()).toEqual({ service: 'The service is starting: it waits for Kafka and its topics.' });
  readiness.started();
  expect(readiness.reasons()).toEqual({ store: 'QuestDB does not answer.' });
  away = false;
  expect(readiness.reasons()).toEqual({});
  readiness.onModuleDestroy();
  expect(readiness.reasons()).toEqual({ service: 'The service is stopping.' });
});

test('two checks of one name are a mistake', () => {
  const readiness = new Readiness();
  readiness.add('store', () => undefined);
  expect(() => readiness.add('store', () => undefined)).toThrow('store');
});
