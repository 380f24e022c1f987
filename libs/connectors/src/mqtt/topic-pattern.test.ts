import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTopicPattern } from './topic-pattern.ts';

test.each([
  ['plant/{deviceUid}/up', 'plant/pump-1/up', 'pump-1', {}],
  ['plant/{site}/{deviceUid}/up', 'plant/north/pump-1/up', 'pump-1', { site: 'north' }],
  ['{identificationCode}', 'A8404100', 'A8404100', {}],
  ['a/+/{deviceUid}', 'a/anything/d', 'd', {}],
  ['a/+/{deviceUid}', 'a//d', 'd', {}],
  ['a/{deviceUid}/#', 'a/d/any/thing', 'd', {}],
  ['a/{deviceUid}/#', 'a/d', 'd', {}],
  ['/{deviceUid}/', '/d/', 'd', {}],
])('%s finds the sender of %s', (pattern, topic, sender, variables) => {
  expect(parseTopicPattern(pattern).match(topic)).toEqual({ sender, variables });
});

test.each([
  ['plant/{deviceUid}/up', 'plant/pump-1/down'],
  ['plant/{deviceUid}/up', 'plant/pump-1/up/more'],
  ['plant/{deviceUid}/up', 'plant/pump-1'],
  ['plant/{deviceUid}/up', 'plant//up'],
  ['a/{site}/{deviceUid}', 'a//d'],
  ['a/b/{deviceUid}/#', 'a/b'],
  ['plant/{deviceUid}', 'Plant/d'],
])('%s does not match %s', (pattern, topic) => {
  expect(parseTopicPattern(pattern).match(topic)).toBeUndefined();
});

test.each([
  ['plant/up', 'exactly one level'],
  ['{deviceUid}/{identificationCode}', 'exactly one level'],
  ['{deviceUid}/{deviceUid}', 'exactly one level'],
  ['{site}/{site}/{deviceUid}', 'once'],
  ['plant-{deviceUid}', 'whole level'],
  ['{deviceUid}/#/x', 'whole level'],
  ['{deviceUid}/a+', 'whole level'],
  ['{1}/{deviceUid}', 'whole level'],
  ['{}/{deviceUid}', 'whole level'],
  ['{topic}/{deviceUid}', 'another name'],
])('the pattern %s is refused with a reason', (pattern, reason) => {
  expect(() => parseTopicPattern(pattern)).toThrow(reason);
});

const text = fc.stringMatching(/^[^/{}+#\0]+$/);
const name = fc
  .stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,9}$/)
  .filter((word) => !['topic', 'retained', 'deviceUid', 'identificationCode'].includes(word));

test('a topic that is made from a pattern gives back what it was made of', () => {
  const level = fc.oneof(
    text.map((word) => ({ pattern: word, topic: word, variable: undefined })),
    text.map((word) => ({ pattern: '+', topic: word, variable: undefined })),
    fc
      .tuple(name, text)
      .map(([key, value]) => ({ pattern: `{${key}}`, topic: value, variable: [key, value] as const })),
  );
  const levels = fc.uniqueArray(level, { maxLength: 6, selector: ({ variable }) => variable?.[0] ?? {} });
  fc.assert(
    fc.property(
      levels,
      levels,
      fc.constantFrom('deviceUid', 'identificationCode'),
      text,
      (before, rest, names, sender) => {
        const taken = new Set(before.map(({ variable }) => variable?.[0]));
        const after = rest.filter(({ variable }) => variable === undefined || !taken.has(variable[0]));
        const all = [...before, { pattern: `{${names}}`, topic: sender, variable: undefined }, ...after];
        const pattern = parseTopicPattern(all.map((part) => part.pattern).join('/'));
        expect(pattern.names).toBe(names);
        expect(pattern.match(all.map((part) => part.topic).join('/'))).toEqual({
          sender,
          variables: Object.fromEntries(all.flatMap(({ variable }) => (variable ? [variable] : []))),
        });
      },
    ),
  );
});

test('any topic either matches with a sender or not at all, and never throws', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.constantFrom('a/{deviceUid}/#', '{x}/{deviceUid}', '+/{deviceUid}'),
      (topic, pattern) => {
        expect(parseTopicPattern(pattern).match(topic)?.sender).not.toBe('');
      },
    ),
  );
});

test('a variable named like a member of every object is only a variable', () => {
  const match = parseTopicPattern('{constructor}/{deviceUid}').match('x/d');
  expect(match?.variables).toEqual({ constructor: 'x' });
});
