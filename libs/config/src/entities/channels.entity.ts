/** Channels: ways to people and other systems, each by a plugin with its settings. */
import { type ChannelConfig, topics } from '@millrace/contracts';
import { z } from 'zod';
import { defineEntity } from '../entity.ts';
import { identifier, labelCharsMax, passwordCharsMax, tenant } from '../entity-fields.ts';

/** Name of a member of a plugin family; the family itself knows which exist. */
const kind = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be the name of a plugin');

const file = z.strictObject({
  tenant,
  channelId: identifier,
  kind,
  settings: z.record(z.string().max(labelCharsMax), z.string().max(labelCharsMax)).default({}),
  /** In plain text; leave the folder only encrypted. */
  secrets: z.record(z.string().max(labelCharsMax), z.string().max(passwordCharsMax)).default({}),
});

export const channels = defineEntity<ChannelConfig>()({
  topic: topics.configChannels,
  id: 'channelId',
  singular: 'channel',
  file,
  publish: ({ secrets: plainSecrets, ...channel }, published, secrets) => ({
    ...channel,
    secretsSealed:
      Object.keys(plainSecrets).length === 0
        ? null
        : secrets.seal(JSON.stringify(plainSecrets), channelSecretsPurpose(channel), published?.secretsSealed ?? null),
  }),
  fileForm: ({ secretsSealed: _sealed, ...channel }) => channel,
  hidden: ['secrets'],
  shown: {
    form: { hasSecrets: z.boolean() },
    of: ({ secretsSealed }) => ({ hasSecrets: secretsSealed !== null }),
  },
  filters: { kind: 'plugin' },
  referredToBy: [{ entity: 'alarmRules', path: '$.notify[*].channelId' }],
});

/** What a channel's secrets are sealed for, and have to be opened for. */
export function channelSecretsPurpose(channel: Pick<ChannelConfig, 'tenant' | 'channelId'>): string {
  return `channel ${channel.tenant}/${channel.channelId} secrets`;
}
