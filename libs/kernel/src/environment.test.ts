import type { MillraceError } from '@millrace/contracts';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { parseEnvironment } from './environment.ts';

const shape = {
  MILLRACE_HTTP_PORT: z.coerce.number().int().min(1).max(65_535),
  MILLRACE_KAFKA_BROKERS: z.string().transform((text) => text.split(',')),
  MILLRACE_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
};
const right = { MILLRACE_HTTP_PORT: '8080', MILLRACE_KAFKA_BROKERS: 'a:9092,b:9092' };

function errorOf(environment: NodeJS.ProcessEnv): MillraceError {
  try {
    parseEnvironment(shape, environment);
  } catch (error) {
    return error as MillraceError;
  }
  throw new Error('The environment was accepted.');
}

test('values come out parsed, with defaults, and nothing of other programs', () => {
  expect(parseEnvironment(shape, { ...right, PATH: '/bin' })).toEqual({
    MILLRACE_HTTP_PORT: 8080,
    MILLRACE_KAFKA_BROKERS: ['a:9092', 'b:9092'],
    MILLRACE_LOG_LEVEL: 'info',
  });
});

test('an unknown variable of ours stops the start and is named', () => {
  const error = errorOf({ ...right, MILLRACE_KAFKA_BROKER: 'a:9092' });
  expect(error.code).toBe('configuration_invalid');
  expect(error.message).toContain('MILLRACE_KAFKA_BROKER: this service has no such variable');
});

test('a missing variable is told apart from a wrong one, and every one is listed', () => {
  const error = errorOf({ MILLRACE_HTTP_PORT: '0', MILLRACE_LOG_LEVEL: 'loud' });
  expect(error.errors.map(({ field, code }) => [field, code])).toEqual([
    ['MILLRACE_HTTP_PORT', 'wrong_value'],
    ['MILLRACE_KAFKA_BROKERS', 'missing_variable'],
    ['MILLRACE_LOG_LEVEL', 'wrong_value'],
  ]);
  expect(error.message).toContain('MILLRACE_HTTP_PORT: correct its value');
  expect(error.message).toContain('(2 more, see errors)');
});

test('the value itself is never told: it may be a secret', () => {
  const error = errorOf({ ...right, MILLRACE_LOG_LEVEL: 'hunter2' });
  expect(error.message + JSON.stringify(error.errors)).not.toContain('hunter2');
});
