import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageIdOf } from './message-id.ts';

test('a message sent again has the same id; the rule is SHA-256 over NUL-separated names', () => {
  // printf 'demo\0d1\0m-1' | sha256sum | cut -c1-32
  expect(messageIdOf('demo', 'd1', 'm-1').toString('hex')).toBe('e9ea5643beaa31a1e6509c4fb845e669');
});

test("another tenant's, device's or message's id differs", () => {
  const ids = [
    messageIdOf('demo', 'd1', 'm-1'),
    messageIdOf('demo', 'd1', 'm-2'),
    messageIdOf('demo', 'd2', 'm-1'),
    messageIdOf('other', 'd1', 'm-1'),
  ];
  expect(new Set(ids.map((id) => id.toString('hex'))).size).toBe(4);
});

test("without a sender's id every message is a new one", () => {
  const ids = Array.from({ length: 1_000 }, () => messageIdOf('demo', 'd1', null));
  expect(new Set(ids.map((id) => id.toString('hex'))).size).toBe(1_000);
  expect(ids.every((id) => id.length === 16)).toBe(true);
});

test('an id is 16 bytes whatever the sender calls its message', () => {
  fc.assert(
    fc.property(fc.string(), (senderId) => {
      expect(messageIdOf('demo', 'd1', senderId)).toHaveLength(16);
      expect(messageIdOf('demo', 'd1', senderId)).toEqual(messageIdOf('demo', 'd1', senderId));
    }),
  );
});
