import { expect, test } from 'vitest';
import { isInstalled } from './workspace.ts';

const wanted = {
  '': { version: '0.1.0' },
  'libs/kernel': { version: '0.1.0' },
  'node_modules/@millrace/kernel': { link: true },
  'node_modules/zod': { version: '4.6.7' },
  'node_modules/binary-for-another-platform': { version: '1.0.0', optional: true },
};

test('packages of this lock file are not installed again', () => {
  expect(isInstalled(wanted, { 'node_modules/zod': { version: '4.6.7' } })).toBe(true);
});

test.each([
  ['is missing', {}],
  ['has another version', { 'node_modules/zod': { version: '4.6.6' } }],
  [
    'is optional and has another version',
    { 'node_modules/zod': { version: '4.6.7' }, 'node_modules/binary-for-another-platform': { version: '0.9.0' } },
  ],
])('packages are installed when one %s', (_, installed) => {
  expect(isInstalled(wanted, installed)).toBe(false);
});
