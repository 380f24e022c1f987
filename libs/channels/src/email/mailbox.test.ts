import { expect, test } from 'vitest';
import { mailAddress, mailbox } from './mailbox.ts';

test.each([
  ['alarm@mill.example', { name: '', address: 'alarm@mill.example' }],
  ['Mill Alarms <alarm@mill.example>', { name: 'Mill Alarms', address: 'alarm@mill.example' }],
  [' <alarm@localhost> ', { name: '', address: 'alarm@localhost' }],
])('%j is a mailbox', (text, expected) => {
  expect(mailbox.parse(text)).toEqual(expected);
});

test.each(['', 'alarm', 'a@b.example, c@d.example', 'A <a@b.example> x', 'A\r\nBcc: <a@b.example>', '<<a@b.example>>'])(
  '%j is no mailbox',
  (text) => {
    expect(mailbox.safeParse(text).success).toBe(false);
  },
);

test.each([
  'a@b.example\r\nBcc: c@d.example',
  'a@b.example,c@d.example',
  'a b@c.example',
  '"a@evil.example"@b.example',
  'a@b.example>',
  '<a@b.example>',
  'A <a@b.example>',
  'group: a@b.example;',
  `${'a'.repeat(250)}@b.example`,
])('%j is no plain address', (text) => {
  expect(mailAddress.safeParse(text).success).toBe(false);
});
