import { parseEnvironment } from '@millrace/kernel';
import { expect, test } from 'vitest';
import { commonVariables } from './environment.ts';

const least = {
  MILLRACE_KAFKA_BROKERS: 'a:9092,b:9092',
  MILLRACE_REGISTRY_URL: 'http://registry:8080/apis/ccompat/v7',
  MILLRACE_HTTP_PORT: '8080',
};

test('the least that must be set is brokers, registry and port', () => {
  expect(parseEnvironment(commonVariables, least)).toMatchObject({
    MILLRACE_KAFKA_BROKERS: ['a:9092', 'b:9092'],
    MILLRACE_HTTP_HOST: '127.0.0.1',
    MILLRACE_HTTP_PORT: 8080,
    MILLRACE_LOG_LEVEL: 'info',
    MILLRACE_TOPICS_CREATE: true,
  });
});

test.each([
  ['MILLRACE_KAFKA_BROKERS', 'kafka'],
  ['MILLRACE_KAFKA_BROKERS', 'a:9092, b:9092'],
  ['MILLRACE_REGISTRY_URL', 'registry'],
  ['MILLRACE_HTTP_PORT', '99999'],
  ['MILLRACE_INSTANCE', 'a b'],
  ['MILLRACE_LOG_LEVEL', 'loud'],
  ['MILLRACE_TOPICS_CREATE', 'perhaps'],
])('%s=%s is refused by name', (name, value) => {
  expect(() => parseEnvironment(commonVariables, { ...least, [name]: value })).toThrow(name);
});
