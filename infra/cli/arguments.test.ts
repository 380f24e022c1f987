import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseArguments } from './arguments.ts';

const options = {
  detach: { kind: 'flag', summary: '' },
  'data-dir': { kind: 'text', summary: '' },
  max: { kind: 'count', summary: '' },
} as const;
const topic = [{ name: 'topic', required: true }] as const;

test('what is not given is false or undefined', () => {
  expect(parseArguments([], options, [])).toEqual({
    options: { detach: false, 'data-dir': undefined, max: undefined },
    positionals: [],
  });
});

test.each([
  [['--data-dir', 'a', '--max', '3', '--detach', 'points']],
  [['points', '--data-dir=a', '--max=3', '--detach']],
  [['--detach', '--data-dir=a', '--max=3', '--', 'points']],
])('%j is read', (texts) => {
  expect(parseArguments(texts, options, topic)).toEqual({
    options: { detach: true, 'data-dir': 'a', max: 3 },
    positionals: ['points'],
  });
});

test('an option of several texts keeps all of them in order', () => {
  const several = { sample: { kind: 'texts', summary: '' } } as const;
  expect(parseArguments([], several, []).options).toEqual({ sample: [] });
  expect(parseArguments(['--sample', '02', '--sample=01'], several, []).options).toEqual({ sample: ['02', '01'] });
});

test('the last word may come several times where the command says so', () => {
  const services = [{ name: 'service=N', required: true, repeated: true }] as const;
  expect(parseArguments(['a=1', 'b=2'], options, services).positionals).toEqual(['a=1', 'b=2']);
  expect(() => parseArguments([], options, services)).toThrow('<service=N> is missing');
});

test.each([
  [['--foo', 'points'], 'There is no option --foo'],
  [['--foo=1', 'points'], 'There is no option --foo'],
  [['-d', 'points'], 'There is no option -d'],
  [['--constructor', 'points'], 'There is no option --constructor'],
  [['--detach=yes', 'points'], '--detach takes no value'],
  [['points', '--max'], '--max needs a value'],
  [['points', '--data-dir='], '--data-dir needs a value'],
  [['points', '--max', '-1'], '--max needs a whole number, not -1'],
  [['points', '--max=1e3'], '--max needs a whole number, not 1e3'],
  [[], '<topic> is missing'],
  [['points', 'alarms'], 'alarms is one argument too many'],
])('%j is refused in one sentence', (texts, sentence) => {
  expect(() => parseArguments(texts, options, topic)).toThrow(
    expect.objectContaining({ name: 'UserError', message: sentence, exitCode: 2 }),
  );
});

test('a value may look like anything, also like an option', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (value) => {
      expect(parseArguments(['--data-dir', value], options, []).options['data-dir']).toBe(value);
      expect(parseArguments([`--data-dir=${value}`], options, []).options['data-dir']).toBe(value);
    }),
  );
});
