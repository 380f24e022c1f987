import type { RejectedMessage } from '@millrace/connectors';
import { expect, test } from 'vitest';
import { OwnedRejections } from './owned-rejections.ts';

const rejected: readonly RejectedMessage[] = [];

test.each([
  ['before they were kept', [false], 0],
  ['while they were kept', [true, false], 1],
])(
  'senders of messages that can never be taken are told nothing when the lease was over %s',
  async (_, valid, kept) => {
    let calls = 0;
    const answers = [...valid];
    const store = { keep: async () => void (calls += 1) };
    const owned = new OwnedRejections(store, { isValid: () => answers.shift() ?? false });
    await expect(owned.keep(rejected)).rejects.toMatchObject({ code: 'lease_lost' });
    expect(calls).toBe(kept);
  },
);
